CREATE TABLE `coverage_wishes` (
	`community_id` text NOT NULL,
	`weekday` integer NOT NULL,
	`half` text NOT NULL,
	`places` integer NOT NULL,
	PRIMARY KEY(`community_id`, `weekday`, `half`),
	FOREIGN KEY (`community_id`) REFERENCES `communities`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "coverage_wishes_weekday" CHECK("coverage_wishes"."weekday" between 1 and 7),
	CONSTRAINT "coverage_wishes_half" CHECK("coverage_wishes"."half" in ('am', 'pm')),
	CONSTRAINT "coverage_wishes_places" CHECK("coverage_wishes"."places" >= 0)
) STRICT;
--> statement-breakpoint
ALTER TABLE `series` ADD `follows` text;--> statement-breakpoint
ALTER TABLE `bookings` ADD `expires_at` integer;--> statement-breakpoint
ALTER TABLE `bookings` ADD `is_extended` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `bookings` ADD `outcome_at` integer;--> statement-breakpoint
CREATE INDEX `bookings_held` ON `bookings` (`expires_at`) WHERE "bookings"."status" = 'held';--> statement-breakpoint
CREATE INDEX `bookings_attention` ON `bookings` (`practitioner_id`) WHERE "bookings"."needs_attention" is not null;--> statement-breakpoint
ALTER TABLE `answers` ADD `subject` text;--> statement-breakpoint
CREATE INDEX `answers_subject` ON `answers` (`subject`);