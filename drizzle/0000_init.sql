CREATE TABLE `communes` (
	`insee` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`postal_code` text NOT NULL,
	`population` integer NOT NULL,
	`lat` real NOT NULL,
	`lon` real NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `communities` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`finess` text,
	`phone` text,
	`population` integer NOT NULL,
	`contract_start` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `communities_finess` ON `communities` (`finess`);--> statement-breakpoint
CREATE TABLE `community_communes` (
	`insee` text PRIMARY KEY NOT NULL,
	`community_id` text NOT NULL,
	FOREIGN KEY (`insee`) REFERENCES `communes`(`insee`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`community_id`) REFERENCES `communities`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `community_communes_community` ON `community_communes` (`community_id`);--> statement-breakpoint
CREATE TABLE `practitioner_communities` (
	`practitioner_id` text NOT NULL,
	`community_id` text NOT NULL,
	PRIMARY KEY(`practitioner_id`, `community_id`),
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`community_id`) REFERENCES `communities`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `practitioner_communities_community` ON `practitioner_communities` (`community_id`);--> statement-breakpoint
CREATE TABLE `practitioners` (
	`id` text PRIMARY KEY NOT NULL,
	`rpps` text NOT NULL,
	`family` text NOT NULL,
	`given` text NOT NULL,
	`profession` text NOT NULL,
	`specialties` text NOT NULL,
	`accepts_overbooking` integer NOT NULL,
	`weekly_target_minutes` integer NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `practitioners_rpps` ON `practitioners` (`rpps`);--> statement-breakpoint
CREATE TABLE `sites` (
	`id` text PRIMARY KEY NOT NULL,
	`practitioner_id` text NOT NULL,
	`name` text NOT NULL,
	`line` text NOT NULL,
	`postal_code` text NOT NULL,
	`city` text NOT NULL,
	`insee` text NOT NULL,
	`lat` real NOT NULL,
	`lon` real NOT NULL,
	`phone` text NOT NULL,
	`finess` text,
	`siret` text,
	`wheelchair` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `sites_practitioner` ON `sites` (`practitioner_id`);--> statement-breakpoint
CREATE INDEX `sites_position` ON `sites` (`lat`,`lon`);--> statement-breakpoint
CREATE TABLE `territories` (
	`code` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`zone` text NOT NULL,
	`rate_per_second` integer NOT NULL,
	`rate_burst` integer NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "territories_rate" CHECK("territories"."rate_per_second" > 0 and "territories"."rate_burst" > 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `key_communities` (
	`key_id` text NOT NULL,
	`community_id` text NOT NULL,
	PRIMARY KEY(`key_id`, `community_id`),
	FOREIGN KEY (`key_id`) REFERENCES `keys`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`community_id`) REFERENCES `communities`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE TABLE `key_secrets` (
	`sha256` blob PRIMARY KEY NOT NULL,
	`key_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	FOREIGN KEY (`key_id`) REFERENCES `keys`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `key_secrets_key` ON `key_secrets` (`key_id`);--> statement-breakpoint
CREATE TABLE `keys` (
	`id` text PRIMARY KEY NOT NULL,
	`role` text NOT NULL,
	`label` text NOT NULL,
	`practitioner_id` text,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`revoked_at` integer,
	`last_used_at` integer,
	`version` integer NOT NULL,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "keys_role" CHECK("keys"."role" in ('admin', 'coordinator', 'practitioner', 'regulator', 'auditor')),
	CONSTRAINT "keys_practitioner" CHECK(("keys"."role" = 'practitioner') = ("keys"."practitioner_id" is not null))
) STRICT;
--> statement-breakpoint
CREATE TABLE `slots` (
	`id` text PRIMARY KEY NOT NULL,
	`practitioner_id` text NOT NULL,
	`site_id` text NOT NULL,
	`start` integer NOT NULL,
	`end` integer NOT NULL,
	`capacity` integer NOT NULL,
	`audiences` integer NOT NULL,
	`community_ids` text NOT NULL,
	`modalities` integer NOT NULL,
	`appointment_type` text NOT NULL,
	`motives` text NOT NULL,
	`min_age` integer,
	`max_age` integer,
	`release` text,
	`origin` text NOT NULL,
	`series_id` text,
	`occurrence` text,
	`withdrawn_at` integer,
	`withdrawn_reason` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`site_id`) REFERENCES `sites`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`series_id`) REFERENCES `series`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "slots_interval" CHECK("slots"."end" > "slots"."start" and "slots"."end" - "slots"."start" <= 86400000),
	CONSTRAINT "slots_capacity" CHECK("slots"."capacity" between 1 and 100),
	CONSTRAINT "slots_offer" CHECK("slots"."audiences" > 0 and "slots"."modalities" > 0),
	CONSTRAINT "slots_series" CHECK(("slots"."origin" = 'series') = ("slots"."series_id" is not null and "slots"."occurrence" is not null))
) STRICT;
--> statement-breakpoint
CREATE INDEX `slots_practitioner_start` ON `slots` (`practitioner_id`,`start`);--> statement-breakpoint
CREATE INDEX `slots_start` ON `slots` (`start`);--> statement-breakpoint
CREATE INDEX `slots_open_site_start` ON `slots` (`site_id`,`start`) WHERE "slots"."withdrawn_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX `slots_series_start` ON `slots` (`series_id`,`start`) WHERE "slots"."series_id" is not null;--> statement-breakpoint
CREATE TABLE `series` (
	`id` text PRIMARY KEY NOT NULL,
	`practitioner_id` text NOT NULL,
	`site_id` text NOT NULL,
	`rrule` text NOT NULL,
	`local_start` text NOT NULL,
	`duration_minutes` integer NOT NULL,
	`slot_minutes` integer NOT NULL,
	`capacity` integer NOT NULL,
	`audiences` integer NOT NULL,
	`community_ids` text NOT NULL,
	`modalities` integer NOT NULL,
	`appointment_type` text NOT NULL,
	`motives` text NOT NULL,
	`min_age` integer,
	`max_age` integer,
	`release` text,
	`exdates` text NOT NULL,
	`skip_holidays` integer NOT NULL,
	`materialised_to` text NOT NULL,
	`ended_from` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`site_id`) REFERENCES `sites`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "series_pieces" CHECK("series"."slot_minutes" > 0 and "series"."duration_minutes" >= "series"."slot_minutes")
) STRICT;
--> statement-breakpoint
CREATE INDEX `series_practitioner` ON `series` (`practitioner_id`);--> statement-breakpoint
CREATE INDEX `series_to_extend` ON `series` (`materialised_to`);--> statement-breakpoint
CREATE TABLE `bookings` (
	`id` text PRIMARY KEY NOT NULL,
	`slot_id` text NOT NULL,
	`seat` integer NOT NULL,
	`status` text NOT NULL,
	`practitioner_id` text NOT NULL,
	`site_id` text NOT NULL,
	`start` integer NOT NULL,
	`end` integer NOT NULL,
	`modality` text,
	`identity_id` text,
	`motive_code` text,
	`regulation_ref` text,
	`requested_delay` text,
	`called_at` integer,
	`operator_id` text,
	`operator_name` text,
	`origin` text NOT NULL,
	`key_id` text NOT NULL,
	`booked_by_practitioner_id` text,
	`cancelled_at` integer,
	`cancel_reason` text,
	`cancelled_by` text,
	`needs_attention` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`slot_id`) REFERENCES `slots`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`site_id`) REFERENCES `sites`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`key_id`) REFERENCES `keys`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`booked_by_practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "bookings_status" CHECK("bookings"."status" in ('held', 'booked', 'fulfilled', 'noshow', 'cancelled')),
	CONSTRAINT "bookings_seat" CHECK("bookings"."seat" >= 1),
	CONSTRAINT "bookings_interval" CHECK("bookings"."end" > "bookings"."start"),
	CONSTRAINT "bookings_complete" CHECK("bookings"."status" = 'held' or ("bookings"."motive_code" is not null and "bookings"."regulation_ref" is not null and "bookings"."requested_delay" is not null and "bookings"."operator_id" is not null and "bookings"."modality" is not null)),
	CONSTRAINT "bookings_cancelled" CHECK(("bookings"."status" = 'cancelled') = ("bookings"."cancelled_at" is not null and "bookings"."cancel_reason" is not null and "bookings"."cancelled_by" is not null))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `bookings_active_seat` ON `bookings` (`slot_id`,`seat`) WHERE "bookings"."status" <> 'cancelled';--> statement-breakpoint
CREATE INDEX `bookings_practitioner_start` ON `bookings` (`practitioner_id`,`start`);--> statement-breakpoint
CREATE INDEX `bookings_start` ON `bookings` (`start`);--> statement-breakpoint
CREATE INDEX `bookings_identity` ON `bookings` (`identity_id`);--> statement-breakpoint
CREATE TABLE `access_log` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`identity_id` text NOT NULL,
	`subject` text NOT NULL,
	`practitioner_id` text
) STRICT;
--> statement-breakpoint
CREATE INDEX `access_log_identity` ON `access_log` (`identity_id`);--> statement-breakpoint
CREATE INDEX `access_log_practitioner` ON `access_log` (`practitioner_id`,`at`);--> statement-breakpoint
CREATE INDEX `access_log_at` ON `access_log` (`at`);--> statement-breakpoint
CREATE TABLE `identities` (
	`id` text PRIMARY KEY NOT NULL,
	`key_id` text NOT NULL,
	`sealed` blob NOT NULL,
	`blind_index` blob NOT NULL,
	`erase_after` integer NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `identities_blind` ON `identities` (`blind_index`);--> statement-breakpoint
CREATE INDEX `identities_erase_after` ON `identities` (`erase_after`);--> statement-breakpoint
CREATE TABLE `cursors` (
	`reader` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `events` (
	`seq` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`type` text NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`subject` text NOT NULL,
	`practitioner_id` text,
	`data` text NOT NULL,
	`prev` text NOT NULL,
	`hash` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `events_id` ON `events` (`id`);--> statement-breakpoint
CREATE INDEX `events_subject` ON `events` (`subject`);--> statement-breakpoint
CREATE TABLE `answers` (
	`caller` text NOT NULL,
	`key` text NOT NULL,
	`request_hash` blob NOT NULL,
	`seal_key_id` text NOT NULL,
	`sealed` blob NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`caller`, `key`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `answers_expires_at` ON `answers` (`expires_at`);