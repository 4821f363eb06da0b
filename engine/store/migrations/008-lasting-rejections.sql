-- What a vendor can never be asked for again stays rejected after later pulls too, until it is accepted.
ALTER TABLE unreadable_row ADD COLUMN lasting BOOLEAN DEFAULT FALSE;
