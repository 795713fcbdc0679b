-- name: of_identity
-- The open account of a provider's subject; the identity is written again as the provider gives it now.
update identity i set person = :person, last_seen_at = now() from account a
where i.provider = :provider and i.subject = :subject and a.id = i.account_id and a.closed_at is null
returning i.account_id as id, old.person <> new.person as changed;

-- name: open
-- A new account for an identity that has none; no row when it has one.
with opened as (
  insert into account (id) select uuidv7()
  where not exists (select from identity where provider = :provider and subject = :subject)
  returning id
)
insert into identity (provider, subject, account_id, person, proven)
select :provider, :subject, id, :person, :proven from opened
on conflict (provider, subject) do nothing returning account_id;

-- name: journal
-- Writes in the journal what a person did with his account.
insert into journal (account_id, act, facts) values (:account, :act, :facts);

-- name: agent_of_identity
-- The active agent whom a provider's subject signs in.
select a.id, a.name, a.role, a.academies from agent_identity i join agent a on a.id = i.agent_id
where i.provider = :provider and i.subject = :subject and a.active;
