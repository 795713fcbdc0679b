-- Reference tables: what exists outside the register, each row with the dates between which it holds.

create table academic_region (
  code text primary key,
  name text not null,
  insee_code text,
  valid_from date,
  valid_until date,
  source text not null
);

create table exam_service (
  code text primary key,
  name text not null,
  city text,
  website text,
  source text not null
);

create table academy (
  code text primary key,
  name text not null,
  kind text not null check (kind in ('ACADEMY', 'OVERSEAS', 'INTERACADEMIC', 'ABROAD')),
  region_code text references academic_region,
  exam_service_code text references exam_service,
  departments text,
  valid_from date,
  valid_until date,
  successor_code text references academy deferrable initially deferred,
  source text not null
);

create table foreign_centre (
  country_code text primary key,
  country text not null,
  academy_code text not null references academy,
  source text not null
);

create table national_level (
  bcn_level text primary key,
  abbreviation text not null,
  label text not null,
  kind text not null,
  ministry text not null,
  level smallint check (level between 1 and 8),
  former_level smallint,
  opened_on date,
  closed_on date,
  source text not null
);

create table diploma_title (
  code text primary key,
  kind text not null,
  label text not null,
  bcn_label text,
  first_session smallint,
  last_session smallint,
  supplementary_session smallint,
  successor_code text,
  opened_on date,
  closed_on date,
  source text not null
);
create index diploma_title_kind on diploma_title (kind, code);

-- from which session on the register holds a family of an academy; `*` is every academy without a row of its own
create table coverage (
  academy_code text not null,
  family text not null,
  first_session smallint not null,
  source text not null,
  primary key (academy_code, family)
);

-- the content of each file as it was last loaded, so that an unchanged table is not written again
create table reference_file (
  name text primary key,
  digest text not null
);
