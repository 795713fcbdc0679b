-- name: by_token
-- The agents whose tokens have these digests, while both are in force.
select t.digest, a.id, a.name, a.role, a.academies, a.last_write from agent_token t join agent a on a.id = t.agent_id
where t.digest = any((select (:digests)::bytea[])::bytea[]) and t.revoked_at is null and t.expires_at > now() and a.active;

-- name: by_name
-- The active agent of that name.
select id, name, role, academies from agent where name = :name and active;

-- name: add
-- Adds an agent, or gives an existing one this role and these academies; returns it.
insert into agent (name, role, academies) values (:name, :role, :academies)
on conflict (name) do update set role = excluded.role, academies = excluded.academies, active = true
returning id, name, role, academies;

-- name: add_token
-- Keeps the digest of a new token.
insert into agent_token (digest, agent_id, expires_at) values (:digest, :agent, :expires_at);

-- name: journal
-- Writes an act in the journal, under the academy that it concerns.
insert into journal (agent_id, act, session_id, facts, academy_code)
values (:agent, :act, (:session)::uuid, (:facts)::jsonb, academy_of_act((:session)::uuid, (:facts)::jsonb));

-- name: ping
-- Whether the database answers.
select 1;

-- name: retire
-- Ends an agent's rights and his sessions, in browsers and in apps.
with over as (
  update web_session set ended_at = now() where agent_id = :agent and ended_at is null
)
update agent set active = false where id = :agent;

-- name: revoke_tokens
-- Revokes the tokens of an agent that are in force.
update agent_token set revoked_at = now() where agent_id = :agent and revoked_at is null and expires_at > now();

-- name: keep_secret_check
-- Keeps what the first process made of the master secret.
insert into secret_check (value) values (:value) on conflict do nothing;

-- name: secret_check
-- What the first process made of the master secret.
select value from secret_check;
