CREATE TABLE `absences` (
	`id` text PRIMARY KEY NOT NULL,
	`sector_id` text NOT NULL,
	`practitioner_id` text NOT NULL,
	`from` text NOT NULL,
	`to` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`sector_id`) REFERENCES `sectors`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `absences_sector` ON `absences` (`sector_id`,`practitioner_id`);--> statement-breakpoint
CREATE TABLE `restrictions` (
	`id` text PRIMARY KEY NOT NULL,
	`sector_id` text NOT NULL,
	`practitioner_id` text NOT NULL,
	`from` text NOT NULL,
	`to` text,
	`shift_types` text,
	`source` text NOT NULL,
	`class` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`sector_id`) REFERENCES `sectors`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `restrictions_sector` ON `restrictions` (`sector_id`,`practitioner_id`);--> statement-breakpoint
CREATE TABLE `rota_wishes` (
	`id` text PRIMARY KEY NOT NULL,
	`sector_id` text NOT NULL,
	`practitioner_id` text NOT NULL,
	`from` text NOT NULL,
	`to` text NOT NULL,
	`shift_types` text,
	`want` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`sector_id`) REFERENCES `sectors`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `rota_wishes_sector` ON `rota_wishes` (`sector_id`,`practitioner_id`);--> statement-breakpoint
CREATE TABLE `sector_communes` (
	`sector_id` text NOT NULL,
	`insee` text NOT NULL,
	PRIMARY KEY(`sector_id`, `insee`),
	FOREIGN KEY (`sector_id`) REFERENCES `sectors`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`insee`) REFERENCES `communes`(`insee`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `sector_communes_insee` ON `sector_communes` (`insee`);--> statement-breakpoint
CREATE TABLE `sector_communities` (
	`sector_id` text NOT NULL,
	`community_id` text NOT NULL,
	PRIMARY KEY(`sector_id`, `community_id`),
	FOREIGN KEY (`sector_id`) REFERENCES `sectors`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`community_id`) REFERENCES `communities`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `sector_communities_community` ON `sector_communities` (`community_id`);--> statement-breakpoint
CREATE TABLE `sector_members` (
	`sector_id` text NOT NULL,
	`practitioner_id` text NOT NULL,
	`from` text NOT NULL,
	`to` text,
	`share` integer NOT NULL,
	`roles` text NOT NULL,
	`phone` text,
	`max_per_7_days` integer,
	`max_per_28_days` integer,
	`max_per_rota` integer,
	PRIMARY KEY(`sector_id`, `practitioner_id`, `from`),
	FOREIGN KEY (`sector_id`) REFERENCES `sectors`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "sector_members_share" CHECK("sector_members"."share" between 0 and 100)
) STRICT;
--> statement-breakpoint
CREATE INDEX `sector_members_practitioner` ON `sector_members` (`practitioner_id`);--> statement-breakpoint
CREATE TABLE `sectors` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`site_name` text,
	`address` text,
	`postal_code` text,
	`city` text,
	`insee` text,
	`lat` real,
	`lon` real,
	`phone` text,
	`good_friday_is_holiday` integer,
	`pont_monday_before` integer NOT NULL,
	`pont_friday_after` integer NOT NULL,
	`pont_saturday_after` integer NOT NULL,
	`extra_holidays` text NOT NULL,
	`rest_hours` integer NOT NULL,
	`max_shifts_per_7_days` integer,
	`max_shifts_per_28_days` integer,
	`approval_for_swaps` integer NOT NULL,
	`valid_from` text,
	`valid_to` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "sectors_kind" CHECK("sectors"."kind" in ('garde', 'snp')),
	CONSTRAINT "sectors_rest" CHECK("sectors"."rest_hours" between 0 and 72)
) STRICT;
--> statement-breakpoint
CREATE TABLE `shift_types` (
	`sector_id` text NOT NULL,
	`code` text NOT NULL,
	`valid_from` text NOT NULL,
	`valid_to` text,
	`position` integer NOT NULL,
	`label` text NOT NULL,
	`rrule` text NOT NULL,
	`start_minute` integer NOT NULL,
	`duration_minutes` integer NOT NULL,
	`day_types` integer NOT NULL,
	`category` text NOT NULL,
	`headcount` integer NOT NULL,
	`role` text NOT NULL,
	`slot_template` text,
	PRIMARY KEY(`sector_id`, `code`, `valid_from`),
	FOREIGN KEY (`sector_id`) REFERENCES `sectors`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "shift_types_times" CHECK("shift_types"."start_minute" between 0 and 1439 and "shift_types"."duration_minutes" between 1 and 1440),
	CONSTRAINT "shift_types_headcount" CHECK("shift_types"."headcount" between 1 and 20)
) STRICT;
--> statement-breakpoint
CREATE TABLE `generations` (
	`rota_id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`seed` integer NOT NULL,
	`steps` integer NOT NULL,
	`planned` integer NOT NULL,
	`input_hash` text NOT NULL,
	`result` text,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	FOREIGN KEY (`rota_id`) REFERENCES `rotas`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE TABLE `rota_alarms` (
	`rota_id` text NOT NULL,
	`alarm` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`rota_id`, `alarm`),
	FOREIGN KEY (`rota_id`) REFERENCES `rotas`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE TABLE `rota_transitions` (
	`rota_id` text NOT NULL,
	`number` integer NOT NULL,
	`from` text NOT NULL,
	`to` text NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`note` text,
	`warnings` text NOT NULL,
	PRIMARY KEY(`rota_id`, `number`),
	FOREIGN KEY (`rota_id`) REFERENCES `rotas`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE TABLE `rota_versions` (
	`rota_id` text NOT NULL,
	`number` integer NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`reason` text NOT NULL,
	`places` text NOT NULL,
	PRIMARY KEY(`rota_id`, `number`),
	FOREIGN KEY (`rota_id`) REFERENCES `rotas`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE TABLE `rota_weights` (
	`rota_id` text NOT NULL,
	`practitioner_id` text NOT NULL,
	`class` text NOT NULL,
	`weight` real NOT NULL,
	PRIMARY KEY(`rota_id`, `practitioner_id`, `class`),
	FOREIGN KEY (`rota_id`) REFERENCES `rotas`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE TABLE `rotas` (
	`id` text PRIMARY KEY NOT NULL,
	`sector_id` text NOT NULL,
	`kind` text NOT NULL,
	`from` text NOT NULL,
	`to` text NOT NULL,
	`is_exceptional` integer NOT NULL,
	`state` text NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`sector_id`) REFERENCES `sectors`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "rotas_state" CHECK("rotas"."state" in ('draft', 'generated', 'consultation', 'validated', 'sent_to_cdom', 'published', 'in_force', 'performed', 'closed')),
	CONSTRAINT "rotas_period" CHECK("rotas"."from" <= "rotas"."to")
) STRICT;
--> statement-breakpoint
CREATE INDEX `rotas_sector` ON `rotas` (`sector_id`,`from`);--> statement-breakpoint
CREATE TABLE `shift_places` (
	`shift_id` text NOT NULL,
	`place` integer NOT NULL,
	`titulaire_id` text,
	`executant_id` text,
	`outside_name` text,
	`outside_rpps` text,
	`outside_phone` text,
	`is_locked` integer NOT NULL,
	`override_reason` text,
	`version` integer NOT NULL,
	PRIMARY KEY(`shift_id`, `place`),
	FOREIGN KEY (`shift_id`) REFERENCES `shifts`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`titulaire_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`executant_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict
) STRICT;
--> statement-breakpoint
CREATE INDEX `shift_places_titulaire` ON `shift_places` (`titulaire_id`);--> statement-breakpoint
CREATE INDEX `shift_places_executant` ON `shift_places` (`executant_id`);--> statement-breakpoint
CREATE TABLE `shifts` (
	`id` text PRIMARY KEY NOT NULL,
	`rota_id` text NOT NULL,
	`sector_id` text NOT NULL,
	`code` text NOT NULL,
	`label` text NOT NULL,
	`category` text NOT NULL,
	`is_grande_fete` integer NOT NULL,
	`role` text NOT NULL,
	`headcount` integer NOT NULL,
	`local_start` text NOT NULL,
	`local_end` text NOT NULL,
	`start` integer NOT NULL,
	`end` integer NOT NULL,
	`slot_template` text,
	FOREIGN KEY (`rota_id`) REFERENCES `rotas`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`sector_id`) REFERENCES `sectors`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "shifts_interval" CHECK("shifts"."end" > "shifts"."start")
) STRICT;
--> statement-breakpoint
CREATE INDEX `shifts_rota` ON `shifts` (`rota_id`,`start`);--> statement-breakpoint
CREATE INDEX `shifts_sector_start` ON `shifts` (`sector_id`,`start`);--> statement-breakpoint
CREATE TABLE `swaps` (
	`id` text PRIMARY KEY NOT NULL,
	`sector_id` text NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`shift_id` text NOT NULL,
	`place` integer NOT NULL,
	`with_shift_id` text,
	`with_place` integer,
	`from_practitioner_id` text NOT NULL,
	`to_practitioner_id` text,
	`outside_name` text,
	`outside_rpps` text,
	`outside_phone` text,
	`reason` text,
	`asked_by` text NOT NULL,
	`expires_at` integer NOT NULL,
	`decided_at` integer,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`sector_id`) REFERENCES `sectors`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`shift_id`) REFERENCES `shifts`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`with_shift_id`) REFERENCES `shifts`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`from_practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`to_practitioner_id`) REFERENCES `practitioners`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "swaps_state" CHECK("swaps"."state" in ('asked', 'accepted', 'done', 'declined', 'cancelled', 'expired'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `swaps_sector` ON `swaps` (`sector_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `swaps_shift` ON `swaps` (`shift_id`);--> statement-breakpoint
CREATE INDEX `swaps_open` ON `swaps` (`expires_at`) WHERE "swaps"."state" in ('asked', 'accepted');--> statement-breakpoint
ALTER TABLE `slots` ADD `shift_id` text REFERENCES `shifts`(`id`) ON UPDATE no action ON DELETE restrict;--> statement-breakpoint
ALTER TABLE `slots` ADD `shift_place` integer;--> statement-breakpoint
CREATE INDEX `slots_shift` ON `slots` (`shift_id`) WHERE "slots"."shift_id" is not null;