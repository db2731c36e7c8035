ALTER TABLE `mt_members` ADD `consent_at` integer;--> statement-breakpoint
ALTER TABLE `mt_members` ADD `consent_by` text;--> statement-breakpoint
ALTER TABLE `mt_members` ADD `consent_means` text;--> statement-breakpoint
ALTER TABLE `mt_members` ADD `left_at` integer;--> statement-breakpoint
ALTER TABLE `mt_members` ADD `left_reason` text;--> statement-breakpoint
ALTER TABLE `proposals` ADD `stale_told_at` integer;--> statement-breakpoint
CREATE INDEX `proposals_to_follow` ON `proposals` (`answered_at`) WHERE "proposals"."state" = 'accepted' and "proposals"."stale_told_at" is null;