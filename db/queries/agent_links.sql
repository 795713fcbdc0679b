-- name: ask
-- Keeps the request of an identity that no agent has. An earlier request of the same identity is replaced.
insert into agent_link (provider, subject, reference, declared, expires_at)
values (:provider, :subject, :reference, :declared, :expires_at)
on conflict (provider, subject) do update
set reference = excluded.reference, declared = excluded.declared, expires_at = excluded.expires_at;

-- name: asked
-- What a provider says of the identity that asked under a reference; no row when it is unknown, used or too old.
select provider, subject, declared from agent_link where reference = :reference and expires_at > now();

-- name: link
-- Gives an agent the identity that asked under a reference, which is then used up; its provider.
with used as (
  delete from agent_link where reference = :reference and expires_at > now() returning provider, subject
), linked as (
  insert into agent_identity (provider, subject, agent_id) select provider, subject, :agent from used
  on conflict (provider, subject) do update set agent_id = excluded.agent_id
  returning provider, agent_id
)
insert into journal (agent_id, act, facts)
select agent_id, 'LINK_IDENTITY', jsonb_build_object('provider', provider) from linked
returning facts ->> 'provider';

-- name: attach
-- Gives an agent an identity, for the demonstration alone, whose provider is our own.
insert into agent_identity (provider, subject, agent_id) values (:provider, :subject, :agent)
on conflict (provider, subject) do update set agent_id = excluded.agent_id;

-- name: unlink
-- Takes an agent's identities away and ends his sessions; the providers of those identities.
with gone as (
  delete from agent_identity where agent_id = :agent returning provider
), ended as (
  update web_session set ended_at = now(), id_token = null where agent_id = :agent and ended_at is null
), noted as (
  insert into journal (agent_id, act, facts)
  select :agent, 'UNLINK_IDENTITY', jsonb_build_object('provider', provider) from gone
)
select provider from gone;

-- name: forget
-- Forgets requests that are too old.
delete from agent_link where expires_at < now();
