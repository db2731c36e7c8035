CREATE TABLE `allocation_rules` (
	`community_id` text NOT NULL,
	`version` integer NOT NULL,
	`rules` text NOT NULL,
	`actor` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`community_id`, `version`),
	FOREIGN KEY (`community_id`) REFERENCES `communities`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "allocation_rules_version" CHECK("allocation_rules"."version" >= 1)
) STRICT;
--> statement-breakpoint
CREATE TABLE `mt_contacts` (
	`request_id` text NOT NULL,
	`number` integer NOT NULL,
	`proposal_id` text,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`channel` text NOT NULL,
	`reached` integer NOT NULL,
	PRIMARY KEY(`request_id`, `number`),
	FOREIGN KEY (`request_id`) REFERENCES `mt_requests`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE TABLE `mt_members` (
	`request_id` text NOT NULL,
	`number` integer NOT NULL,
	`identity_id` text NOT NULL,
	`born_in` text,
	`may_be_pregnant` integer NOT NULL,
	`flags` text NOT NULL,
	PRIMARY KEY(`request_id`, `number`),
	FOREIGN KEY (`request_id`) REFERENCES `mt_requests`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `mt_members_identity` ON `mt_members` (`identity_id`);--> statement-breakpoint
CREATE TABLE `mt_requests` (
	`id` text PRIMARY KEY NOT NULL,
	`community_id` text NOT NULL,
	`source` text NOT NULL,
	`insee` text NOT NULL,
	`lat` real,
	`lon` real,
	`household` text NOT NULL,
	`needs` text NOT NULL,
	`max_km` real,
	`already_seen_by` text,
	`consent_at` integer NOT NULL,
	`consent_by` text NOT NULL,
	`consent_means` text NOT NULL,
	`consent_revoked_at` integer,
	`state` text NOT NULL,
	`state_since` integer NOT NULL,
	`waiting_since` integer NOT NULL,
	`class` integer,
	`points` text NOT NULL,
	`total` integer NOT NULL,
	`rules_version` integer NOT NULL,
	`class_due_at` integer,
	`remind_at` integer,
	`refusals` integer NOT NULL,
	`escalated_at` integer,
	`withdrawal_reason` text,
	`closed_at` integer,
	`erase_after` integer,
	`erased_at` integer,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`community_id`) REFERENCES `communities`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`insee`) REFERENCES `communes`(`insee`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "mt_requests_state" CHECK("mt_requests"."state" in ('to_qualify', 'waiting', 'proposed', 'accepted', 'placed', 'withdrawn', 'unreachable', 'escalated')),
	CONSTRAINT "mt_requests_class" CHECK("mt_requests"."class" is null or "mt_requests"."class" between 1 and 5),
	CONSTRAINT "mt_requests_withdrawn" CHECK(("mt_requests"."state" = 'withdrawn') = ("mt_requests"."withdrawal_reason" is not null))
) STRICT;
--> statement-breakpoint
CREATE INDEX `mt_requests_community` ON `mt_requests` (`community_id`,`state`,`id`);--> statement-breakpoint
CREATE INDEX `mt_requests_class_due` ON `mt_requests` (`class_due_at`);--> statement-breakpoint
CREATE INDEX `mt_requests_remind` ON `mt_requests` (`remind_at`);--> statement-breakpoint
CREATE INDEX `mt_requests_erase` ON `mt_requests` (`erase_after`);--> statement-breakpoint
CREATE TABLE `intakes` (
	`practitioner_id` text NOT NULL,
	`version` integer NOT NULL,
	`intake` text NOT NULL,
	`patientele_since` integer NOT NULL,
	`actor` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`practitioner_id`, `version`),
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "intakes_version" CHECK("intakes"."version" >= 1)
) STRICT;
--> statement-breakpoint
CREATE TABLE `allocation_adjustments` (
	`allocation_id` text NOT NULL,
	`number` integer NOT NULL,
	`request_id` text NOT NULL,
	`lock` integer NOT NULL,
	`practitioner_id` text,
	`reason` text NOT NULL,
	`actor` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`allocation_id`, `number`),
	FOREIGN KEY (`allocation_id`) REFERENCES `allocations`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`request_id`) REFERENCES `mt_requests`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE TABLE `allocation_parts` (
	`allocation_id` text NOT NULL,
	`kind` text NOT NULL,
	`number` integer NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`allocation_id`, `kind`, `number`),
	FOREIGN KEY (`allocation_id`) REFERENCES `allocations`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE TABLE `allocations` (
	`id` text PRIMARY KEY NOT NULL,
	`community_id` text NOT NULL,
	`state` text NOT NULL,
	`origin` text NOT NULL,
	`seed` integer NOT NULL,
	`rules_version` integer NOT NULL,
	`input_hash` text NOT NULL,
	`totals` text NOT NULL,
	`version` integer NOT NULL,
	`actor` text NOT NULL,
	`created_at` integer NOT NULL,
	`published_at` integer,
	`published_by` text,
	FOREIGN KEY (`community_id`) REFERENCES `communities`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "allocations_state" CHECK("allocations"."state" in ('simulated', 'published', 'discarded'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `allocations_community` ON `allocations` (`community_id`,`id`);--> statement-breakpoint
CREATE INDEX `allocations_state` ON `allocations` (`state`,`created_at`);--> statement-breakpoint
CREATE TABLE `weekly_runs` (
	`community_id` text PRIMARY KEY NOT NULL,
	`next_at` integer NOT NULL,
	FOREIGN KEY (`community_id`) REFERENCES `communities`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `weekly_runs_next` ON `weekly_runs` (`next_at`);--> statement-breakpoint
CREATE TABLE `mt_exclusions` (
	`request_id` text NOT NULL,
	`practitioner_id` text NOT NULL,
	`proposal_id` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`request_id`, `practitioner_id`),
	FOREIGN KEY (`request_id`) REFERENCES `mt_requests`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`proposal_id`) REFERENCES `proposals`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE TABLE `proposals` (
	`id` text PRIMARY KEY NOT NULL,
	`allocation_id` text NOT NULL,
	`request_id` text NOT NULL,
	`community_id` text NOT NULL,
	`practitioner_id` text NOT NULL,
	`members` text NOT NULL,
	`state` text NOT NULL,
	`km` real NOT NULL,
	`class` integer NOT NULL,
	`points` integer NOT NULL,
	`answer_by` integer NOT NULL,
	`remind_at` integer NOT NULL,
	`reminded_at` integer,
	`answered_at` integer,
	`answered_by` text,
	`refusal_reason` text,
	`declared_on` text,
	`closed_at` integer,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`allocation_id`) REFERENCES `allocations`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`request_id`) REFERENCES `mt_requests`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`community_id`) REFERENCES `communities`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "proposals_state" CHECK("proposals"."state" in ('open', 'accepted', 'declared', 'refused', 'expired', 'declined', 'unreachable', 'withdrawn')),
	CONSTRAINT "proposals_refused" CHECK(("proposals"."state" = 'refused') = ("proposals"."refusal_reason" is not null)),
	CONSTRAINT "proposals_declared" CHECK(("proposals"."state" = 'declared') = ("proposals"."declared_on" is not null))
) STRICT;
--> statement-breakpoint
CREATE INDEX `proposals_practitioner` ON `proposals` (`practitioner_id`,`state`,`id`);--> statement-breakpoint
CREATE INDEX `proposals_community` ON `proposals` (`community_id`,`state`,`id`);--> statement-breakpoint
CREATE INDEX `proposals_request` ON `proposals` (`request_id`);--> statement-breakpoint
CREATE INDEX `proposals_allocation` ON `proposals` (`allocation_id`);--> statement-breakpoint
CREATE INDEX `proposals_open` ON `proposals` (`answer_by`) WHERE "proposals"."state" = 'open';--> statement-breakpoint
CREATE INDEX `proposals_to_remind` ON `proposals` (`remind_at`) WHERE "proposals"."state" = 'open' and "proposals"."reminded_at" is null;--> statement-breakpoint
CREATE TABLE `proposed_members` (
	`request_id` text NOT NULL,
	`member` integer NOT NULL,
	`proposal_id` text NOT NULL,
	PRIMARY KEY(`request_id`, `member`),
	FOREIGN KEY (`request_id`) REFERENCES `mt_requests`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`proposal_id`) REFERENCES `proposals`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `proposed_members_proposal` ON `proposed_members` (`proposal_id`);