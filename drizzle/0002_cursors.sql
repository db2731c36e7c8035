CREATE TABLE `cursors` (
	`reader` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL
) STRICT;
