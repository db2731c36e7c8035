CREATE TABLE `en_sus_asks` (
	`request_id` text NOT NULL,
	`practitioner_id` text NOT NULL,
	`wave` integer NOT NULL,
	`asked_from` integer NOT NULL,
	`km` real NOT NULL,
	`answer` text,
	`answered_at` integer,
	PRIMARY KEY(`request_id`, `practitioner_id`),
	FOREIGN KEY (`request_id`) REFERENCES `en_sus_requests`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `en_sus_asks_practitioner` ON `en_sus_asks` (`practitioner_id`,`asked_from`);--> statement-breakpoint
CREATE TABLE `en_sus_requests` (
	`id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`commune` text NOT NULL,
	`modality` text NOT NULL,
	`motive_code` text NOT NULL,
	`seal_key_id` text,
	`sealed` blob,
	`requested_delay` text NOT NULL,
	`regulation_ref` text NOT NULL,
	`key_id` text NOT NULL,
	`wave_told` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`accepted_by` text,
	`accepted_at` integer,
	`site_id` text,
	`start` integer,
	`end` integer,
	`booking_id` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`key_id`) REFERENCES `keys`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`accepted_by`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`site_id`) REFERENCES `sites`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "en_sus_state" CHECK("en_sus_requests"."state" in ('asking', 'accepted', 'booked', 'closed', 'expired')),
	CONSTRAINT "en_sus_accepted" CHECK("en_sus_requests"."state" not in ('accepted', 'booked') or ("en_sus_requests"."accepted_by" is not null and "en_sus_requests"."site_id" is not null and "en_sus_requests"."start" is not null and "en_sus_requests"."end" is not null))
) STRICT;
--> statement-breakpoint
CREATE INDEX `en_sus_created` ON `en_sus_requests` (`created_at`);--> statement-breakpoint
CREATE INDEX `en_sus_open` ON `en_sus_requests` (`expires_at`) WHERE "en_sus_requests"."state" in ('asking', 'accepted');--> statement-breakpoint
CREATE TABLE `en_sus_rules` (
	`territory` text PRIMARY KEY NOT NULL,
	`wave_seconds` integer NOT NULL,
	`nearest_count` integer NOT NULL,
	`radius_km` real NOT NULL,
	`version` integer NOT NULL,
	CONSTRAINT "en_sus_rules_bounds" CHECK("en_sus_rules"."wave_seconds" > 0 and "en_sus_rules"."nearest_count" > 0 and "en_sus_rules"."radius_km" > 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `webhook_deliveries` (
	`webhook_id` text NOT NULL,
	`seq` integer NOT NULL,
	`attempts` integer NOT NULL,
	`first_at` integer NOT NULL,
	`next_at` integer NOT NULL,
	`last_status` integer,
	`last_error` text,
	`failed_at` integer,
	PRIMARY KEY(`webhook_id`, `seq`),
	FOREIGN KEY (`webhook_id`) REFERENCES `webhooks`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `webhook_deliveries_due` ON `webhook_deliveries` (`next_at`) WHERE "webhook_deliveries"."failed_at" is null;--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`key_id` text NOT NULL,
	`url` text NOT NULL,
	`types` text NOT NULL,
	`seal_key_id` text NOT NULL,
	`sealed` blob NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`key_id`) REFERENCES `keys`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `webhooks_key` ON `webhooks` (`key_id`);--> statement-breakpoint
CREATE TABLE `notice_preferences` (
	`practitioner_id` text PRIMARY KEY NOT NULL,
	`email` text,
	`phone` text,
	`subjects` text NOT NULL,
	`version` integer NOT NULL,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE TABLE `notices` (
	`id` text PRIMARY KEY NOT NULL,
	`practitioner_id` text NOT NULL,
	`channel` text NOT NULL,
	`subject` text NOT NULL,
	`seq` integer NOT NULL,
	`attempts` integer NOT NULL,
	`next_at` integer NOT NULL,
	`failed_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `notices_once` ON `notices` (`practitioner_id`,`channel`,`seq`);--> statement-breakpoint
CREATE INDEX `notices_due` ON `notices` (`next_at`) WHERE "notices"."failed_at" is null;--> statement-breakpoint
CREATE TABLE `feeds` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`key_id` text NOT NULL,
	`practitioner_id` text NOT NULL,
	`sha256` blob NOT NULL,
	`created_at` integer NOT NULL,
	`revoked_at` integer,
	FOREIGN KEY (`key_id`) REFERENCES `keys`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `feeds_sha256` ON `feeds` (`sha256`);--> statement-breakpoint
CREATE INDEX `feeds_practitioner` ON `feeds` (`practitioner_id`);--> statement-breakpoint
ALTER TABLE `slots` ADD `released_at` integer;--> statement-breakpoint
CREATE INDEX `slots_to_release` ON `slots` (`start`) WHERE "slots"."release" is not null and "slots"."released_at" is null and "slots"."withdrawn_at" is null;--> statement-breakpoint
CREATE INDEX `events_practitioner` ON `events` (`practitioner_id`,`seq`) WHERE "events"."practitioner_id" is not null;