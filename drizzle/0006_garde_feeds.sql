CREATE TABLE `sector_feeds` (
	`id` text PRIMARY KEY NOT NULL,
	`key_id` text NOT NULL,
	`sector_id` text NOT NULL,
	`sha256` blob NOT NULL,
	`created_at` integer NOT NULL,
	`revoked_at` integer,
	FOREIGN KEY (`key_id`) REFERENCES `keys`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`sector_id`) REFERENCES `sectors`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `sector_feeds_sha256` ON `sector_feeds` (`sha256`);--> statement-breakpoint
CREATE INDEX `sector_feeds_key` ON `sector_feeds` (`key_id`);--> statement-breakpoint
CREATE TABLE `place_changes` (
	`shift_id` text NOT NULL,
	`place` integer NOT NULL,
	`number` integer NOT NULL,
	`at` integer NOT NULL,
	`left_by_id` text,
	PRIMARY KEY(`shift_id`, `place`, `number`),
	FOREIGN KEY (`shift_id`) REFERENCES `shifts`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`left_by_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `place_changes_left_by` ON `place_changes` (`left_by_id`,`at`) WHERE "place_changes"."left_by_id" is not null;