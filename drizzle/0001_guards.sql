-- Hand-written: what drizzle cannot express. The database itself holds the promises of the product.
CREATE TRIGGER `slots_no_overlap_insert` BEFORE INSERT ON `slots` WHEN NEW.withdrawn_at IS NULL
BEGIN
	SELECT RAISE(ABORT, 'slot_overlap') WHERE EXISTS (
		SELECT 1 FROM `slots`
		WHERE practitioner_id = NEW.practitioner_id AND withdrawn_at IS NULL
			AND start > NEW.start - 86400000 AND start < NEW."end" AND "end" > NEW.start
	);
END;
--> statement-breakpoint
CREATE TRIGGER `slots_no_overlap_update` BEFORE UPDATE OF practitioner_id, start, "end", withdrawn_at ON `slots` WHEN NEW.withdrawn_at IS NULL
BEGIN
	SELECT RAISE(ABORT, 'slot_overlap') WHERE EXISTS (
		SELECT 1 FROM `slots`
		WHERE practitioner_id = NEW.practitioner_id AND withdrawn_at IS NULL AND id <> NEW.id
			AND start > NEW.start - 86400000 AND start < NEW."end" AND "end" > NEW.start
	);
END;
--> statement-breakpoint
CREATE TRIGGER `bookings_seat_exists` BEFORE INSERT ON `bookings` WHEN NEW.status <> 'cancelled'
BEGIN
	SELECT RAISE(ABORT, 'no_such_seat') WHERE NEW.seat > (SELECT capacity FROM `slots` WHERE id = NEW.slot_id);
END;
--> statement-breakpoint
CREATE TRIGGER `events_no_update` BEFORE UPDATE ON `events`
BEGIN
	SELECT RAISE(ABORT, 'events_append_only');
END;
--> statement-breakpoint
CREATE TRIGGER `events_no_delete` BEFORE DELETE ON `events`
BEGIN
	SELECT RAISE(ABORT, 'events_append_only');
END;
--> statement-breakpoint
CREATE TRIGGER `events_in_order` BEFORE INSERT ON `events`
BEGIN
	SELECT RAISE(ABORT, 'events_append_only') WHERE NEW.seq <> coalesce((SELECT max(seq) FROM `events`), 0) + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `access_log_no_update` BEFORE UPDATE ON `access_log`
BEGIN
	SELECT RAISE(ABORT, 'access_log_append_only');
END;
