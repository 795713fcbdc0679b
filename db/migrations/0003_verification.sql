-- Verification by third parties: who consulted what, and how often it failed.

create table consultation (
  diploma_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  version smallint not null,
  outcome text not null check (outcome in ('SHOWN', 'WRONG_NAME')),
  id uuid not null default uuidv7(),
  primary key (diploma_id, id)
);

-- Failed verifications by hour or day. Subjects are HMACs: neither an address, nor a name, nor a key can be read here.
-- Unlogged: a crash forgives the failures of the hour, which is a fair price for counting them in memory speed.
create unlogged table verification_failure (
  scope text not null check (scope in ('ADDRESS', 'NAME', 'KEY', 'SITE')),
  subject bytea not null,
  since timestamptz not null,
  failures integer not null,
  primary key (scope, subject, since)
);
