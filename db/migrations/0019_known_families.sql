-- What this register has known of families: what its readers need of one whose distribution was uninstalled.
create table known_family (
  code text primary key,
  label_fr text not null,
  label_en text not null,
  ministry_fr text not null,
  ministry_en text not null,
  legal_basis text[] not null,
  type_name text not null,                    -- the GraphQL type of its diplomas while it is installed
  title_kinds text[] not null,
  jury_groups jsonb not null,                 -- documents with code, label, reference, first, last
  asked_at jsonb not null,                    -- who answers for what is not in the register (resolvers/known_families.py)
  first_session smallint,
  last_session smallint,
  distribution text not null,                 -- that brought it, and its version
  distribution_version text not null,
  requires text not null,                     -- versions of the contract that it works with
  known_since date not null default current_date,
  last_seen_on date not null default current_date   -- installed, by a process that started
);
