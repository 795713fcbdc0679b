-- Sealed documents: which were asked for, and where each stands. Their bytes are files, sealed and named by their digest, outside the database.

-- What each version of a published diploma says; the current one is what is shown. `version_status` is what that version said of itself.
create view published_version as
select d.id, d.session_id, d.candidate_number, v.version, d.version as current_version, d.key_generation, d.oldest_key_version,
  d.status, v.status as version_status, v.recorded_at, v.recorded_at as published_at,
  s.family, s.year as session_year, v.title, v.title_code, v.mention, v.national_level, v.awarded_on,
  v.birth_name, v.used_name, v.given_names, v.name_key, v.sex, v.birth_date, v.birth_commune, v.birth_place, v.birth_country,
  v.ine, v.establishment, v.details,
  a.code as academy_code, a.name as academy_name, a.kind as academy_kind, coalesce(a.departments, '') as academy_departments,
  a.valid_from as academy_valid_from, a.valid_until as academy_valid_until, a.successor_code as academy_successor_code,
  a.region_code, r.name as region_name, r.insee_code as region_insee_code,
  e.code as service_code, e.name as service_name, e.city as service_city, e.website as service_website
from diploma d
join diploma_version v on v.diploma_id = d.id
join exam_session s on s.id = d.session_id and s.state = 'PUBLISHED'
join academy a on a.code = s.academy_code
left join academic_region r on r.code = a.region_code
left join exam_service e on e.code = a.exam_service_code;

create or replace view published_diploma as
select id, session_id, candidate_number, version, key_generation, oldest_key_version, status, recorded_at, published_at,
  family, session_year, title, title_code, mention, national_level, awarded_on,
  birth_name, used_name, given_names, name_key, sex, birth_date, birth_commune, birth_place, birth_country,
  ine, establishment, details, academy_code, academy_name, academy_kind, academy_departments,
  academy_valid_from, academy_valid_until, academy_successor_code, region_code, region_name, region_insee_code,
  service_code, service_name, service_city, service_website
from published_version where version = current_version;

create table document (
  id uuid primary key default uuidv7(),
  diploma_id uuid not null,
  version smallint not null,
  generation smallint not null,               -- of the control key that is printed on it
  link_lookup bytea not null unique,          -- by which the link of its code is found
  link_closed_at timestamptz,                 -- when the holder renewed the key that stands beside it
  state text not null default 'WAITING' check (state in ('WAITING', 'SEALED', 'ARCHIVED', 'OVERTAKEN', 'IMPOSSIBLE')),
  urgent boolean not null,                    -- a holder asked for it; the others are sealed when nobody waits
  asked_at timestamptz not null default now(),
  due_at timestamptz not null default now(),  -- of the next attempt to seal, archive or renew it
  attempts smallint not null default 0,
  problem text,                               -- the kind of what went wrong last
  sealed_at timestamptz,
  digest bytea,                               -- SHA-256 of the file as it is now
  size integer,
  unique (diploma_id, version, generation),
  check ((state in ('SEALED', 'ARCHIVED')) <= (digest is not null and size is not null and sealed_at is not null))
);
create index document_waiting on document (urgent desc, due_at) where state = 'WAITING';
create index document_to_archive on document (due_at) where state in ('SEALED', 'ARCHIVED');

-- A file that somebody wants verified, encrypted under a token that only he has, until it is or a quarter of an hour has passed.
create table document_upload (
  token_digest bytea primary key,
  network bytea not null,
  sealed bytea not null,
  created_at timestamptz not null default now()
);
create index document_upload_network on document_upload (network, created_at);
create index document_upload_created on document_upload (created_at);
