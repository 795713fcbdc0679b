-- The register: agents, sessions and their jury groups, imports and candidates, publications, diplomas and their versions.
--
-- Tables that grow name their distribution column first (a candidate by its session, a diploma by itself, a key by its look-up),
-- so that partitioning is a migration. They carry no foreign key: each would cost a look-up per row of a national import; the
-- transactions that write them keep them whole.

create table agent (
  id uuid primary key default uuidv7(),
  name text not null unique,
  role text not null check (role in ('AGENT', 'HEAD_OF_SERVICE')),
  academies text[] not null,
  active boolean not null default true,
  created_at timestamptz not null default now()
);

-- machine tokens are random, so a plain SHA-256 keeps them
create table agent_token (
  digest bytea primary key,
  agent_id uuid not null references agent,
  expires_at timestamptz not null,
  revoked_at timestamptz
);

-- an HMAC by the master secret: a process with another secret would publish keys that nobody can derive, and is refused
create table secret_check (
  value bytea not null,
  only_one boolean primary key default true check (only_one)
);

create table exam_session (
  id uuid primary key default uuidv7(),
  family text not null,
  academy_code text not null references academy,
  year smallint not null,
  state text not null default 'OPEN' check (state in ('OPEN', 'COMPLETE', 'PREPARED', 'PUBLISHED', 'WITHDRAWN')),
  edition smallint not null default 1,        -- a withdrawn session that opens again is the next edition
  import_id uuid,                             -- the import whose candidates stand
  published_at timestamptz,
  published_count integer not null default 0, -- kept by the publication's own transaction, so that nobody ever counts diplomas
  created_at timestamptz not null default now(),
  unique (family, academy_code, year)
);
create index exam_session_published on exam_session (academy_code, family, year) where state = 'PUBLISHED';

create table jury_group (
  session_id uuid not null references exam_session,
  code text not null,
  position smallint not null,
  closed_by uuid references agent,
  closed_at timestamptz,
  primary key (session_id, code),
  check ((closed_by is null) = (closed_at is null))
);

create table import (
  id uuid primary key default uuidv7(),
  session_id uuid not null references exam_session,
  digest bytea not null,                      -- SHA-256 of the file as received
  file_name text not null,
  state text not null default 'WAITING'
    check (state in ('WAITING', 'RUNNING', 'STAGED', 'CURRENT', 'REPLACED', 'DISCARDED', 'FAILED')),
  encoding text,
  separator text,
  lines integer not null default 0,           -- lines read so far, without the header
  total_lines integer,
  accepted integer not null default 0,
  refused integer not null default 0,
  flagged integer not null default 0,
  replaces uuid references import,            -- what stood when the difference was made
  difference jsonb,
  problem jsonb,                              -- why it failed, for a person
  submitted_by uuid not null references agent,
  submitted_at timestamptz not null default now(),
  ended_at timestamptz
);
-- one file at a time for a session; the same file is one import
create unique index import_in_progress on import (session_id) where state in ('WAITING', 'RUNNING');
create unique index import_of_file on import (session_id, digest) where state in ('STAGED', 'CURRENT');
create index import_waiting on import (submitted_at) where state = 'WAITING';

-- an uploaded file until its import ends: the worker reads it here, so that no file system is shared
create table import_chunk (
  import_id uuid not null references import on delete cascade,
  position integer not null,
  content bytea not null,
  primary key (import_id, position)
);

create table candidate (
  session_id uuid not null,
  import_id uuid not null,
  line integer not null,
  raw text not null,                          -- the line as received
  content_hash bytea not null,                -- SHA-256 of its cells, whatever the encoding and the order of columns
  diploma_id uuid not null,                   -- of the diploma that a release would write
  key_lookup bytea,                           -- by which its first key would be found, if the candidate is admitted
  candidate_number text not null,
  ine text,
  birth_name text not null,
  used_name text,
  given_names text[] not null,
  sex text,
  birth_date text,                            -- ISO 8601 with 00 for an unknown month or day
  birth_commune text,
  birth_place text,
  birth_country text,
  establishment text,
  title_code text,
  title text not null,
  national_level smallint,
  jury_group text not null,
  decision text not null,
  mention text,
  awarded_on date,
  name_key text not null,                     -- the birth name as names are compared
  results jsonb not null,                     -- what the family read, marks included
  details jsonb not null,                     -- the part of it that a diploma shows
  flag jsonb,                                 -- how the decision contradicts the rules
  confirmed_by uuid,
  confirmed_at timestamptz,
  primary key (session_id, import_id, line)
);
create index candidate_undecided on candidate (session_id, import_id)
  where decision in ('SECOND_GROUPE', 'REMPLACEMENT', 'EN_ATTENTE');
create index candidate_flagged on candidate (session_id, import_id, line) where flag is not null;
-- no query asks how these are distributed: the statistics of a national import are taken in less time
alter table candidate
  alter raw set statistics 0, alter content_hash set statistics 0, alter key_lookup set statistics 0,
  alter given_names set statistics 0, alter results set statistics 0, alter details set statistics 0,
  alter birth_name set statistics 0, alter used_name set statistics 0, alter birth_place set statistics 0,
  alter name_key set statistics 0, alter title set statistics 0, alter ine set statistics 0;

create table import_refusal (
  import_id uuid not null,
  line integer not null,
  position smallint not null,
  column_name text not null,
  value text not null,
  reason_fr text not null,
  reason_en text not null,
  remedy_fr text not null,
  remedy_en text not null,
  raw text not null,
  primary key (import_id, line, position)
);

create table publication (
  id uuid primary key default uuidv7(),
  session_id uuid not null references exam_session,
  edition smallint not null,
  import_id uuid not null references import,
  count integer not null,                     -- diplomas that will stand after the release
  added integer not null,
  changed integer not null,
  revoked integer not null,
  warnings jsonb not null,
  content_hash bytea not null,                -- of everything that will be published
  prepared_by uuid not null references agent,
  prepared_at timestamptz not null default now(),
  approved_by uuid references agent,
  approved_at timestamptz,
  release_at timestamptz,
  released_at timestamptz,
  cancelled_by uuid references agent,
  cancelled_at timestamptz,
  withdrawal_requested_by uuid references agent,
  withdrawal_requested_at timestamptz,
  withdrawal_reason text,
  withdrawn_by uuid references agent,
  withdrawn_at timestamptz,
  constraint two_agents_release check (approved_by <> prepared_by),
  constraint two_agents_withdraw check (withdrawn_by <> withdrawal_requested_by),
  constraint approved_before_released check (released_at is null or approved_by is not null)
);
create unique index publication_pending on publication (session_id) where released_at is null and cancelled_at is null;
create index publication_due on publication (release_at)
  where released_at is null and cancelled_at is null and approved_by is not null;

-- the current state of a diploma: one narrow row
create table diploma (
  id uuid primary key default uuidv7(),
  session_id uuid not null,
  candidate_number text not null,
  version smallint not null default 1,
  key_generation smallint not null default 1,
  status text not null default 'VALID' check (status in ('VALID', 'SUSPENDED', 'REVOKED')),
  unique (session_id, candidate_number)
);

create table diploma_version (
  diploma_id uuid not null,
  version smallint not null,
  publication_id uuid not null,
  status text not null,
  content_hash bytea not null,
  ine text,
  birth_name text not null,
  used_name text,
  given_names text[] not null,
  sex text,
  birth_date text,
  birth_commune text,
  birth_place text,
  birth_country text,
  establishment text,
  title_code text,
  title text not null,
  national_level smallint,
  mention text,
  awarded_on date,
  name_key text not null,
  details jsonb not null,
  recorded_at timestamptz not null default now(),
  primary key (diploma_id, version)
);

-- A key is derived, never stored: this holds the HMAC by which it is found (the first 128 bits).
create table control_key (
  lookup bytea primary key,
  diploma_id uuid not null,
  version smallint not null,
  generation smallint not null,
  revoked_at timestamptz
);

create table journal (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  agent_id uuid not null,
  act text not null,
  session_id uuid,
  facts jsonb not null default '{}'
);
create index journal_session on journal (session_id, id);

create function refuse_rewriting() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % is refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end $$;

create trigger append_only before update or delete on diploma_version for each row execute function refuse_rewriting();
create trigger append_only_truncate before truncate on diploma_version execute function refuse_rewriting();
create trigger append_only before update or delete on journal for each row execute function refuse_rewriting();
create trigger append_only_truncate before truncate on journal execute function refuse_rewriting();
