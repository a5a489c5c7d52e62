"""ML Programs: functions of MIL operations, read into graphs."""
