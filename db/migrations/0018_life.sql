-- The life of a diploma after its publication: acts of two agents, what they write, and what proves that nobody else wrote.

alter table diploma drop constraint diploma_status_check;
-- not valid: what stands is not read again under the lock, and what is written from now on is checked all the same
alter table diploma add constraint diploma_status_check check (status in ('VALID', 'SUSPENDED', 'REVOKED', 'ERASED')) not valid;

-- An act on one diploma: one agent prepares it on a version, another approves it. It is pending until then, or until it is taken back.
create table diploma_act (
  id uuid primary key default uuidv7(),
  diploma_id uuid not null,
  session_id uuid not null references exam_session,
  academy_code text not null references academy,
  kind text not null check (kind in ('MATERIAL_CORRECTION', 'IDENTITY_CHANGE', 'JURY_REVISION', 'SUSPENSION', 'SUSPENSION_LIFTED',
    'WITHDRAWAL', 'ANNULMENT', 'REINSTATEMENT', 'ERASURE')),
  version smallint not null,                  -- of the diploma that the agents looked at, and its status then
  status text not null,
  reason text not null check (length(reason) between 1 and 1000),
  reference text not null check (length(reference) between 1 and 200),
  proposed bytea,                             -- what the next version is to say, sealed; nothing once the act is decided
  prepared_by uuid not null references agent,
  prepared_at timestamptz not null default now(),
  approved_by uuid references agent,
  approved_at timestamptz,
  cancelled_by uuid references agent,
  cancelled_at timestamptz,
  new_version smallint,                       -- that the act wrote, if it wrote one
  version_proof bytea,                        -- of that version (see publication_proof)
  proof bytea,                                -- of this row, once it is approved
  constraint two_agents_act check (approved_by <> prepared_by),
  constraint act_decided_once check (num_nonnulls(approved_at, cancelled_at) <= 1),
  constraint act_approver check ((approved_by is null) = (approved_at is null) and (cancelled_by is null) = (cancelled_at is null)),
  constraint act_forgets check (proposed is null or (approved_at is null and cancelled_at is null))
);
create unique index diploma_act_pending on diploma_act (diploma_id) where approved_at is null and cancelled_at is null;
create index diploma_act_diploma on diploma_act (diploma_id, id);
create index diploma_act_academy on diploma_act (academy_code, id);
create index diploma_act_session on diploma_act (session_id) where approved_at is not null;
create index diploma_act_waiting on diploma_act (academy_code, id) where approved_at is null and cancelled_at is null;

create function refuse_rewriting_of_acts() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.cancelled_at is null and (old.approved_at is null or old.proof is null)
    and (new.id, new.diploma_id, new.session_id, new.academy_code, new.kind, new.version, new.status, new.reason, new.reference,
      new.prepared_by, new.prepared_at) = (old.id, old.diploma_id, old.session_id, old.academy_code, old.kind, old.version, old.status,
      old.reason, old.reference, old.prepared_by, old.prepared_at) then
    return new;
  end if;
  raise exception '% is append-only: % is refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete on diploma_act for each row execute function refuse_rewriting_of_acts();
create trigger append_only_truncate before truncate on diploma_act execute function refuse_rewriting();

-- A version comes from a publication or from an act.
alter table diploma_version
  alter column publication_id drop not null,
  add column act_id uuid,
  add column cause text not null default 'PUBLICATION',
  add column redacted_by uuid,                -- the act since which it names nobody
  add constraint version_cause check ((cause = 'PUBLICATION') = (publication_id is not null) and (cause = 'PUBLICATION') = (act_id is null))
    not valid;
alter table candidate add column redacted_by uuid;

-- Who somebody was called before: sealed for its place (AES-256-GCM), for litigation and for the audit alone.
create table identity_archive (
  diploma_id uuid not null,
  place text not null,                        -- `version/3`, or `candidate/IMPORT/LINE`
  act_id uuid not null references diploma_act,
  sealed bytea not null,
  primary key (diploma_id, place)
);

create function refuse_rewriting_of_archives() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and exists (select from diploma d where d.id = old.diploma_id and d.status = 'ERASED') then
    return old;
  end if;
  raise exception '% is append-only: % is refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete on identity_archive for each row execute function refuse_rewriting_of_archives();
create trigger append_only_truncate before truncate on identity_archive execute function refuse_rewriting();

-- Versions are rewritten in two cases, and then only so that they say less: after a change of identity, whose old names are archived, and
-- at the end of retention. Both are acts that two agents approved.
create function refuse_rewriting_of_versions() returns trigger language plpgsql as $$
declare
  person constant text[] := '{content_hash,ine,birth_name,used_name,given_names,sex,birth_date,birth_commune,birth_place,birth_country,name_key}';
  facts constant text[] := '{establishment,mention,details}';
  redacted jsonb;
begin
  if tg_op = 'UPDATE' and new.redacted_by is distinct from old.redacted_by then
    redacted := to_jsonb(old) || jsonb_build_object('redacted_by', new.redacted_by, 'content_hash', ''::bytea, 'ine', null, 'birth_name', '',
      'used_name', null, 'given_names', '{}'::text[], 'sex', null, 'birth_date', null, 'birth_commune', null, 'birth_place', null,
      'birth_country', null, 'name_key', '');
    if to_jsonb(new) = redacted and exists (
        select from diploma_act a join identity_archive i on i.diploma_id = a.diploma_id and i.place = 'version/' || old.version
        where a.id = new.redacted_by and a.diploma_id = old.diploma_id and a.kind = 'IDENTITY_CHANGE' and a.approved_at is not null
          and old.version < a.new_version)
      or to_jsonb(new) = redacted || '{"establishment": null, "mention": null, "details": {}}' and exists (
        select from diploma_act a join diploma d on d.id = a.diploma_id
        where a.id = new.redacted_by and a.diploma_id = old.diploma_id and a.kind = 'ERASURE' and a.approved_at is not null
          and d.status = 'ERASED') then
      return new;
    end if;
  end if;
  raise exception '% is append-only: % is refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end $$;
drop trigger append_only on diploma_version;
create trigger append_only before update or delete on diploma_version for each row execute function refuse_rewriting_of_versions();

-- What a version says, in two texts whose order and spelling never change: of whom, which a redaction takes away, and of what.
create function version_person(v diploma_version) returns text language sql stable as $$
  select json_build_array(encode(v.content_hash, 'hex'), v.ine, v.birth_name, v.used_name, v.given_names, v.sex, v.birth_date, v.birth_commune,
    v.birth_place, v.birth_country, v.name_key)::text
$$;
create function version_facts(v diploma_version) returns text language sql stable as $$
  select json_build_array(v.diploma_id, v.version, v.status, v.cause, v.establishment, v.title_code, v.title, v.national_level, v.mention,
    v.awarded_on, v.details, extract(epoch from v.recorded_at))::text
$$;

-- HMAC-SHA-256 (RFC 2104) under a key that the register does not hold: the two padded blocks come with the call.
create function version_proof(inner_pad bytea, outer_pad bytea, person bytea, facts text) returns bytea language sql stable as $$
  select substr(sha256(outer_pad || sha256(inner_pad || person || convert_to(facts, 'UTF8'))), 1, 16)
$$;

-- The proof of an approved act: of who did what, when, and on which decision.
create function act_proof(inner_pad bytea, outer_pad bytea, t diploma_act) returns bytea language sql stable as $$
  select version_proof(inner_pad, outer_pad, ''::bytea, json_build_array(t.id, t.diploma_id, t.session_id, t.academy_code, t.kind, t.version, t.status,
    t.new_version, t.reason, t.reference, t.prepared_by, extract(epoch from t.prepared_at), t.approved_by, extract(epoch from t.approved_at))::text)
$$;

create function publication_row_proof(inner_pad bytea, outer_pad bytea, p publication) returns bytea language sql stable as $$
  select version_proof(inner_pad, outer_pad, ''::bytea, json_build_array(p.id, p.session_id, p.edition, p.import_id, p.count, p.added, p.changed, p.revoked,
    p.warnings, encode(p.content_hash, 'hex'), p.prepared_by, extract(epoch from p.prepared_at), p.approved_by, extract(epoch from p.approved_at),
    extract(epoch from p.release_at), extract(epoch from p.released_at),
    (select json_build_array(s.family, s.academy_code, s.year) from exam_session s where s.id = p.session_id))::text)
$$;
create function journal_line_proof(inner_pad bytea, outer_pad bytea, j journal) returns bytea language sql stable as $$
  select version_proof(inner_pad, outer_pad, ''::bytea,
    json_build_array(j.id, extract(epoch from j.at), j.agent_id, j.account_id, j.act, j.session_id, j.facts)::text)
$$;

-- The proofs of a publication and of all versions that it wrote, made by a worker soon after its release.
create table publication_proof (
  publication_id uuid primary key references publication,
  proof bytea not null,
  proofs bytea[] not null,
  made_at timestamptz not null default now()
);
create trigger append_only before update or delete on publication_proof for each row execute function refuse_rewriting();
create trigger append_only_truncate before truncate on publication_proof execute function refuse_rewriting();

-- The proofs of the journal's lines between two numbers.
create table journal_proof (
  first_id bigint not null,
  last_id bigint primary key,
  proofs bytea[] not null
);
create trigger append_only before update or delete on journal_proof for each row execute function refuse_rewriting();
create trigger append_only_truncate before truncate on journal_proof execute function refuse_rewriting();

-- Files of documents that no row names any more: to be removed from the store, and then forgotten here.
create table document_drop (
  digest bytea primary key,
  asked_at timestamptz not null default now()
);

-- What is erased is not shown; and whether a version still names anybody is told.
create or replace view published_version as
select d.id, d.session_id, d.candidate_number, v.version, d.version as current_version, d.key_generation, d.oldest_key_version,
  d.status, v.status as version_status, v.recorded_at, v.recorded_at as published_at,
  s.family, s.year as session_year, v.title, v.title_code, v.mention, v.national_level, v.awarded_on,
  v.birth_name, v.used_name, v.given_names, v.name_key, v.sex, v.birth_date, v.birth_commune, v.birth_place, v.birth_country,
  v.ine, v.establishment, v.details,
  a.code as academy_code, a.name as academy_name, a.kind as academy_kind, coalesce(a.departments, '') as academy_departments,
  a.valid_from as academy_valid_from, a.valid_until as academy_valid_until, a.successor_code as academy_successor_code,
  a.region_code, r.name as region_name, r.insee_code as region_insee_code,
  e.code as service_code, e.name as service_name, e.city as service_city, e.website as service_website,
  v.redacted_by is not null as redacted
from diploma d
join diploma_version v on v.diploma_id = d.id
join exam_session s on s.id = d.session_id and s.state = 'PUBLISHED'
join academy a on a.code = s.academy_code
left join academic_region r on r.code = a.region_code
left join exam_service e on e.code = a.exam_service_code
where d.status <> 'ERASED';

-- Acts as agents see them.
create view shown_act as
select t.id, t.diploma_id, t.session_id, t.academy_code, t.kind, t.version, t.status, t.reason, t.reference, t.new_version,
  t.prepared_at, t.approved_at, t.cancelled_at, prepared.name as prepared_by, approved.name as approved_by, cancelled.name as cancelled_by,
  case when t.approved_at is not null then 'APPROVED' when t.cancelled_at is not null then 'CANCELLED'
    when (d.version, d.status) is distinct from (t.version, t.status) then 'OUTDATED' else 'PENDING' end as state,
  encode(t.proposed, 'base64') as proposed, s.family, s.year as session_year, d.candidate_number
from diploma_act t join diploma d on d.id = t.diploma_id join exam_session s on s.id = t.session_id
join agent prepared on prepared.id = t.prepared_by left join agent approved on approved.id = t.approved_by
left join agent cancelled on cancelled.id = t.cancelled_by;
