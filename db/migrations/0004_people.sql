-- The register's people: accounts, how they sign in, the diplomas they hold, and to whom they show them.

create table account (
  id uuid primary key default uuidv7(),
  created_at timestamptz not null default now(),
  closed_at timestamptz
);

-- Who an account is, by each way in. A provider's `subject` is the only link with it, never an e-mail address.
create table identity (
  provider text not null,
  subject text not null,
  account_id uuid not null references account,
  person jsonb not null,                      -- as last given (resolvers/people.py)
  proven boolean not null,                    -- a provider vouches for it; the owner of a local account only declares it
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  primary key (provider, subject)
);
create index identity_account on identity (account_id);

-- An agent's ways in: role and academies are ours, whatever the provider says of him.
create table agent_identity (
  provider text not null,
  subject text not null,
  agent_id uuid not null references agent,
  primary key (provider, subject)
);

-- A browser that is signed in. Its cookie holds a random secret, of which this is the digest.
create table web_session (
  id uuid primary key default uuidv7(),
  digest bytea not null unique,
  account_id uuid references account,
  agent_id uuid references agent,
  provider text not null,
  subject text not null,
  provider_session text,                      -- `sid`, by which the provider ends it
  id_token text,                              -- the hint that the provider's logout asks for
  device text not null,                       -- what the browser calls itself, cut
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  ends_at timestamptz not null,
  ended_at timestamptz,
  constraint one_owner check (num_nonnulls(account_id, agent_id) = 1)
);
create index web_session_account on web_session (account_id, id) where ended_at is null;
create index web_session_subject on web_session (provider, subject) where ended_at is null;
create index web_session_ends on web_session (ends_at);

-- A holder's request to add a diploma. What he is told does not depend on why it was not added.
create table claim (
  id uuid primary key default uuidv7(),
  reference text not null unique,             -- what he quotes to the exam service
  account_id uuid not null references account,
  family text not null,
  academy_code text not null references academy,
  year smallint not null,
  facts jsonb not null,                       -- what he gave besides: INE, candidate number, establishment
  person jsonb not null,                      -- who he was when he asked
  state text not null check (state in ('ADDED', 'REVIEW', 'NOT_FOUND', 'REFUSED', 'FROZEN')),
  created_at timestamptz not null default now()
);
create index claim_account on claim (account_id, id);
create index claim_review on claim (academy_code, id) where state in ('REVIEW', 'FROZEN');

-- The records that a request found, as they compared at that time.
create table claim_candidate (
  claim_id uuid not null references claim,
  diploma_id uuid not null,
  decision text not null check (decision in ('MATCH', 'REVIEW')),
  comparison jsonb not null,
  primary key (claim_id, diploma_id)
);

-- What agents decide of a request. Two of them where more than spelling differs, or where somebody else holds the diploma.
create table review_decision (
  id uuid primary key default uuidv7(),
  claim_id uuid not null references claim,
  kind text not null check (kind in ('ATTACH', 'REFUSE', 'DETACH')),
  diploma_id uuid,                            -- the record to attach
  reason text not null,
  two_agents boolean not null,
  prepared_by uuid not null references agent,
  prepared_at timestamptz not null default now(),
  approved_by uuid references agent,
  approved_at timestamptz,
  cancelled_by uuid references agent,
  cancelled_at timestamptz,
  constraint attach_names_a_record check ((kind = 'ATTACH') = (diploma_id is not null)),
  constraint two_agents_attach check (not two_agents or approved_by <> prepared_by)
);
create unique index review_decision_pending on review_decision (claim_id) where approved_at is null and cancelled_at is null;
create index review_decision_claim on review_decision (claim_id, id);

-- Who holds a diploma: one account at most. Frozen when a second one claims it.
create table holding (
  diploma_id uuid primary key,
  account_id uuid not null references account,
  claim_id uuid not null references claim,
  attached_at timestamptz not null default now(),
  frozen_at timestamptz
);
create index holding_account on holding (account_id, diploma_id);

-- A link that shows a diploma to whoever has its secret of 128 bits, which is derived and never stored.
create table share (
  id uuid primary key default uuidv7(),
  lookup bytea not null unique,
  account_id uuid not null references account,
  diploma_id uuid not null,
  scope text not null check (scope in ('EXISTS', 'STANDARD', 'FULL')),
  label text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  most_views integer check (most_views > 0),
  views integer not null default 0,
  revoked_at timestamptz
);
create index share_account on share (account_id, id);
create index share_diploma on share (diploma_id) where revoked_at is null;

-- The holder's journal of consultations, sealed: neither whose diploma it was nor who looked can be read, or joined, without the master
-- secret. Its time is that of its id. (No version was released with the open one, which goes.)
drop table consultation;
create table consultation (
  subject bytea not null,                     -- an HMAC of the diploma
  id uuid not null default uuidv7(),
  sealed bytea not null,
  primary key (subject, id)
);

-- What people do with their accounts stands in the same journal as what agents do.
alter table journal
  alter column agent_id drop not null,
  add column account_id uuid,
  add constraint journal_actor check (num_nonnulls(agent_id, account_id) >= 1);
create index journal_account on journal (account_id, id) where account_id is not null;

-- A renewed key closes those of older versions too.
alter table diploma add column oldest_key_version smallint not null default 1;

-- Records are searched by the compared form of the birth name and the date of birth.
create index diploma_version_person on diploma_version (name_key, birth_date);

-- The current version of each diploma that is published, with all that is shown of it. Who may read which row is for the statements.
create view published_diploma as
select d.id, d.session_id, d.candidate_number, d.version, d.key_generation, d.oldest_key_version, d.status, v.recorded_at, v.recorded_at as published_at,
  s.family, s.year as session_year, v.title, v.title_code, v.mention, v.national_level, v.awarded_on,
  v.birth_name, v.used_name, v.given_names, v.name_key, v.sex, v.birth_date, v.birth_commune, v.birth_place, v.birth_country,
  v.ine, v.establishment, v.details,
  a.code as academy_code, a.name as academy_name, a.kind as academy_kind, coalesce(a.departments, '') as academy_departments,
  a.valid_from as academy_valid_from, a.valid_until as academy_valid_until, a.successor_code as academy_successor_code,
  a.region_code, r.name as region_name, r.insee_code as region_insee_code,
  e.code as service_code, e.name as service_name, e.city as service_city, e.website as service_website
from diploma d
join diploma_version v on v.diploma_id = d.id and v.version = d.version
join exam_session s on s.id = d.session_id and s.state = 'PUBLISHED'
join academy a on a.code = s.academy_code
left join academic_region r on r.code = a.region_code
left join exam_service e on e.code = a.exam_service_code;
