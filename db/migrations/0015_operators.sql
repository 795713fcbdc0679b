-- Roles and what each may do are reference data (`db/reference/role.csv`, `role_right.csv`): a role is a row, not a check.

create table role (
  code text primary key,
  label_fr text not null,
  label_en text not null,
  source text not null
);

create table role_right (
  role text not null references role,
  act text not null,
  source text not null,
  primary key (role, act)
);

-- the roles of the agents that there are; the files, loaded after this, say how they are called
insert into role (code, label_fr, label_en, source) select distinct role, role, role, 'role.csv' from agent;
alter table agent drop constraint agent_role_check, add foreign key (role) references role;

-- The academy that an act of an agent concerns: an auditor reads the journal by it. Empty for one of no academy, such as a sign-in.
create function academy_of_act(of_session uuid, known jsonb) returns text language sql stable as $$
  select coalesce(
    (select s.academy_code from exam_session s where s.id = of_session),
    (select c.academy_code from claim c where c.id = (known ->> 'claim')::uuid),
    (select r.academy_code from document_request r where r.id = (known ->> 'request')::uuid),
    (select s.academy_code from diploma d join exam_session s on s.id = d.session_id where d.id = (known ->> 'diploma')::uuid),
    '')
$$;
alter table journal add column academy_code text not null default '';
alter table journal disable trigger append_only;
update journal set academy_code = academy_of_act(session_id, facts)
where agent_id is not null and academy_of_act(session_id, facts) <> '';
alter table journal enable trigger append_only;
create index journal_academy on journal (academy_code, id) where agent_id is not null;

-- How many diplomas of a publication bear each mention, counted when it is prepared; `AUCUNE` for none. What is corrected later does not
-- change it: two looks at a count tell nothing of one person.
alter table publication add column mentions jsonb;
update publication p set mentions = (
  select coalesce(jsonb_object_agg(m.mention, m.count), '{}') from (
    select coalesce(c.mention, 'AUCUNE') as mention, count(*) from candidate c
    where c.session_id = p.session_id and c.import_id = p.import_id and c.decision = 'ADMIS' group by 1) m)
where p.released_at is not null;

-- the requests of a period, for counting them
create index document_request_submitted on document_request (academy_code, submitted_at) include (kind);
create index document_request_ended on document_request (academy_code, ended_at) include (kind, state, submitted_at)
  where ended_at is not null;
