"""The versions of the gradebook file: each is a list of statements that make it from the one before.

A version that has been in use is never edited; a change is a new version at the end.
"""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x54544742  # "TTGB"

# `revision` counts the events about one subject: the newest is what holds now, the
# older ones are its history. The first trigger also stops INSERT OR REPLACE, which
# would delete a row without the DELETE trigger noticing.
_EVENTS: Final = (
    """
    CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        revision INTEGER NOT NULL CHECK (revision >= 1),
        recorded_at TEXT NOT NULL,
        digest TEXT NOT NULL,
        body TEXT NOT NULL CHECK (json_valid(body)),
        UNIQUE (kind, subject, revision)
    )
    """,
    """
    CREATE TRIGGER events_are_not_replaced BEFORE INSERT ON events
    WHEN EXISTS (
        SELECT 1 FROM events
        WHERE id = NEW.id
           OR (kind = NEW.kind AND subject = NEW.subject AND revision = NEW.revision)
    )
    BEGIN SELECT RAISE(ABORT, 'the gradebook is append-only'); END
    """,
    """
    CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the gradebook is append-only'); END
    """,
    """
    CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the gradebook is append-only'); END
    """,
    f"PRAGMA application_id = {APPLICATION_ID}",
)

# The columns are computed from the body, so they cannot disagree with it and no event is rewritten.
_COLUMNS: Final = (
    "ALTER TABLE events ADD COLUMN student TEXT "
    "GENERATED ALWAYS AS (json_extract(body, '$.student')) VIRTUAL",
    "ALTER TABLE events ADD COLUMN assignment TEXT "
    "GENERATED ALWAYS AS (json_extract(body, '$.assignment')) VIRTUAL",
    "CREATE INDEX events_of_student ON events (student, assignment)",
)

# For people with sqlite3 or Datasette; no program reads these.
_VIEWS: Final = (
    """
    CREATE VIEW current_events AS
    SELECT * FROM events AS e
    WHERE revision = (SELECT max(revision) FROM events WHERE kind = e.kind AND subject = e.subject)
    """,
    """
    CREATE VIEW raised_flags AS
    SELECT events.id AS event_id, group_concat(json_extract(flag.value, '$.kind'), ', ') AS flags
    FROM events, json_each(events.body, '$.flags') AS flag
    WHERE events.kind = 'grade_observed' GROUP BY events.id
    """,
    """
    CREATE VIEW current_records AS
    WITH seen AS (
        SELECT *, EXISTS (
            SELECT 1 FROM json_each(body, '$.flags') WHERE json_extract(value, '$.kind') = 'not_run'
        ) AS waits
        FROM events WHERE kind = 'grade_observed'
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY subject ORDER BY waits, revision DESC) AS place FROM seen
    )
    SELECT
        student,
        assignment,
        json_extract(body, '$.repository') AS repository,
        json_extract(body, '$.commit') AS commit_id,
        json_extract(body, '$.record.score') AS score,
        json_extract(body, '$.record.max_score') AS max_score,
        (
            SELECT min(json_extract(e.body, '$.run.suite_created_at')) FROM events AS e
            WHERE e.kind = 'grade_observed' AND e.subject = ranked.subject
        ) AS submitted_at,
        json_extract(body, '$.run.run_id') AS run_id,
        (SELECT flags FROM raised_flags WHERE event_id = ranked.id) AS flags,
        id AS event_id,
        recorded_at
    FROM ranked WHERE place = 1
    """,
    """
    CREATE VIEW grade_evidence AS
    SELECT
        r.student,
        r.assignment,
        r.commit_id,
        r.submitted_at,
        r.score AS provisional_score,
        json_extract(f.body, '$.score') AS final_score,
        r.max_score,
        r.flags,
        CASE json_extract(d.body, '$.counts')
            WHEN 1 THEN 'counts' WHEN 0 THEN 'does not count'
        END AS decision,
        json_extract(d.body, '$.author') AS decided_by,
        json_extract(d.body, '$.reason') AS reason,
        json_extract(f.body, '$.course_commit') AS course_commit,
        'https://github.com/' || r.repository || '/commit/' || r.commit_id AS commit_page,
        'https://github.com/' || r.repository || '/actions/runs/' || r.run_id AS run_page
    FROM current_records AS r
    LEFT JOIN current_events AS f
        ON f.kind = 'final_graded' AND f.subject = r.assignment || '/' || r.commit_id || '/' || r.student
    LEFT JOIN current_events AS d
        ON d.kind = 'record_decided' AND d.subject = r.assignment || '/' || r.commit_id || '/' || r.student
    """,
    """
    CREATE VIEW readable_events AS
    SELECT
        id,
        recorded_at,
        student,
        assignment,
        CASE kind
            WHEN 'grade_observed' THEN
                'commit ' || substr(json_extract(body, '$.commit'), 1, 12) || ' of '
                || json_extract(body, '$.repository') || ': '
                || coalesce(json_extract(body, '$.record.score') || ' points', 'no record')
                || coalesce(
                    ' (flagged: ' || (SELECT flags FROM raised_flags WHERE event_id = events.id) || ')', ''
                )
            WHEN 'final_graded' THEN
                'final grade of commit ' || substr(json_extract(body, '$.commit'), 1, 12) || ': '
                || json_extract(body, '$.score') || ' of ' || json_extract(body, '$.max_score')
            WHEN 'question_scored' THEN
                'question ' || json_extract(body, '$.question') || ': '
                || coalesce(json_extract(body, '$.points') || ' points', 'score taken back')
                || coalesce(' (' || nullif(json_extract(body, '$.comment'), '') || ')', '')
            WHEN 'grade_overridden' THEN
                coalesce('points set to ' || json_extract(body, '$.score'), 'override lifted')
            WHEN 'extension_granted' THEN
                coalesce('due ' || json_extract(body, '$.due'), 'extension taken back')
            WHEN 'student_excused' THEN
                CASE json_extract(body, '$.excused') WHEN 1 THEN 'excused' ELSE 'no longer excused' END
            WHEN 'record_decided' THEN
                'commit ' || substr(json_extract(body, '$.commit'), 1, 12) || ' '
                || CASE json_extract(body, '$.counts')
                    WHEN 1 THEN 'counts' WHEN 0 THEN 'does not count' ELSE 'is undecided again'
                END
            ELSE kind
        END AS what,
        coalesce(json_extract(body, '$.author'), json_extract(body, '$.grader'), 'collection') AS by_whom,
        json_extract(body, '$.reason') AS reason
    FROM events ORDER BY id
    """,
)

VERSIONS: Final = (_EVENTS, (*_COLUMNS, *_VIEWS))
SCHEMA_VERSION: Final = len(VERSIONS)
