-- Hand-written: what drizzle cannot express. A patient taken en sus is seen on top of the agenda, so such a slot may
-- share time with others; the rest still may not share time with each other.
DROP TRIGGER `slots_no_overlap_insert`;
--> statement-breakpoint
CREATE TRIGGER `slots_no_overlap_insert` BEFORE INSERT ON `slots` WHEN NEW.withdrawn_at IS NULL AND NEW.origin <> 'en_sus'
BEGIN
	SELECT RAISE(ABORT, 'slot_overlap') WHERE EXISTS (
		SELECT 1 FROM `slots`
		WHERE practitioner_id = NEW.practitioner_id AND withdrawn_at IS NULL AND origin <> 'en_sus'
			AND start > NEW.start - 86400000 AND start < NEW."end" AND "end" > NEW.start
	);
END;
--> statement-breakpoint
DROP TRIGGER `slots_no_overlap_update`;
--> statement-breakpoint
CREATE TRIGGER `slots_no_overlap_update` BEFORE UPDATE OF practitioner_id, start, "end", withdrawn_at, origin ON `slots` WHEN NEW.withdrawn_at IS NULL AND NEW.origin <> 'en_sus'
BEGIN
	SELECT RAISE(ABORT, 'slot_overlap') WHERE EXISTS (
		SELECT 1 FROM `slots`
		WHERE practitioner_id = NEW.practitioner_id AND withdrawn_at IS NULL AND origin <> 'en_sus' AND id <> NEW.id
			AND start > NEW.start - 86400000 AND start < NEW."end" AND "end" > NEW.start
	);
END;
--> statement-breakpoint
CREATE INDEX `events_from_practitioner` ON `events` (`data` ->> '$.fromPractitionerId', `seq`) WHERE `data` ->> '$.fromPractitionerId' IS NOT NULL;
