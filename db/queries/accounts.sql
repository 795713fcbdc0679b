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

-- name: close
-- Closes an account: nothing of it says any more who it was. When; no row when it is closed already.
with closed as (
  update account set closed_at = now() where id = :account and closed_at is null returning id, closed_at
), identities as (
  delete from identity i using closed c where i.account_id = c.id
), holdings as (
  delete from holding h using closed c where h.account_id = c.id
), shares as (
  update share s set revoked_at = coalesce(s.revoked_at, now()), label = '' from closed c where s.account_id = c.id
), requests as (
  update claim q set person = '{}', facts = '{}', state = case q.state when 'ADDED' then 'ADDED' else 'REFUSED' end
  from closed c where q.account_id = c.id
), candidates as (
  delete from claim_candidate k using claim q, closed c where k.claim_id = q.id and q.account_id = c.id
), document_requests as (
  update document_request r set person = '{}', asked = '{}', represented = null, refusal = null, waiting_since = null,
    missing_pieces = '{}', state = case when r.ended_at is null then 'WITHDRAWN' else r.state end, ended_at = coalesce(r.ended_at, now())
  from closed c where r.account_id = c.id returning r.id, r.account_id, old.ended_at is null as was_open
), withdrawals as (
  insert into document_request_event (request_id, kind, state, account_id)
  select id, 'STATE', 'WITHDRAWN', account_id from document_requests where was_open
), messages as (
  delete from document_request_message m using document_requests r where m.request_id = r.id
), pieces as (
  update document_request_piece p set digest = null, file_name = '', destroyed_at = coalesce(p.destroyed_at, now())
  from document_requests r where p.request_id = r.id
), deliveries as (
  update document_request_delivery d set facts = '{}' from document_requests r where d.request_id = r.id returning d.id
), delivered as (
  update document o set state = 'OVERTAKEN', digest = null, size = null from deliveries d where o.delivery_id = d.id
), local as (
  delete from local_account l using closed c where l.account_id = c.id
), sessions as (
  update web_session w set ended_at = coalesce(w.ended_at, now()), id_token = null, device = '', subject = ''
  from closed c where w.account_id = c.id
)
select closed_at from closed;

-- name: forget_tokens
-- Forgets the codes and tokens of an account's apps.
with codes as (
  delete from app_code c using web_session w where c.made_by = w.id and w.account_id = :account
)
delete from app_token t using web_session w where t.session_id = w.id and w.account_id = :account;

-- name: export
-- All that the register holds on an account, as one JSON text, for its owner; his journal of consultations is read apart.
select json_build_object(
  'account', (select json_build_object('id', a.id, 'createdAt', a.created_at) from account a where a.id = :account),
  'identities', (select coalesce(json_agg(json_build_object('provider', i.provider, 'subject', i.subject, 'person', i.person,
    'proven', i.proven, 'firstSeenAt', i.first_seen_at, 'lastSeenAt', i.last_seen_at)), '[]')
    from identity i where i.account_id = :account),
  'localAccount', (select json_build_object('email', (:email)::text, 'language', l.language, 'createdAt', l.created_at,
    'secondFactorSince', l.totp_since,
    'recoveryCodesLeft', (select count(*) from recovery_code c where c.local_account_id = l.id),
    'emailChangeUntil', (select c.expires_at from email_change c where c.local_account_id = l.id))
    from local_account l where l.account_id = :account),
  'sessions', (select coalesce(json_agg(json_build_object('provider', w.provider, 'device', w.device, 'app', p.name,
    'createdAt', w.created_at, 'seenAt', w.seen_at, 'endsAt', w.ends_at, 'endedAt', w.ended_at,
    'tokensIssuedAt', (select coalesce(json_agg(t.issued_at order by t.issued_at), '[]') from app_token t where t.session_id = w.id))
    order by w.id), '[]')
    from web_session w left join app p on p.id = w.app_id where w.account_id = :account),
  'requests', (select coalesce(json_agg(json_build_object('reference', c.reference, 'family', c.family, 'academy', c.academy_code,
    'session', c.year, 'given', c.facts, 'person', c.person, 'createdAt', c.created_at) order by c.id), '[]')
    from claim c where c.account_id = :account),
  'diplomas', (select coalesce(json_agg(json_build_object('addedAt', h.attached_at, 'frozenAt', h.frozen_at, 'family', p.family,
    'session', p.session_year, 'academy', p.academy_name, 'title', p.title, 'titleCode', p.title_code, 'mention', p.mention,
    'status', p.status, 'version', p.version, 'awardedOn', p.awarded_on, 'ine', p.ine, 'birthName', p.birth_name,
    'usedName', p.used_name, 'givenNames', p.given_names, 'sex', p.sex, 'birthDate', p.birth_date, 'birthCommune', p.birth_commune,
    'birthPlace', p.birth_place, 'birthCountry', p.birth_country, 'establishment', p.establishment,
    'candidateNumber', p.candidate_number, 'details', p.details) order by p.id), '[]')
    from holding h join published_diploma p on p.id = h.diploma_id where h.account_id = :account and h.frozen_at is null),
  'attestations', (select coalesce(json_agg(json_build_object('diploma', o.diploma_id, 'version', o.version, 'state', o.state,
    'askedAt', o.asked_at, 'sealedAt', o.sealed_at, 'sha256', encode(o.digest, 'hex'), 'size', o.size) order by o.id), '[]')
    from document o join holding h on h.diploma_id = o.diploma_id where h.account_id = :account and h.frozen_at is null),
  'shares', (select coalesce(json_agg(json_build_object('label', s.label, 'scope', s.scope, 'createdAt', s.created_at,
    'expiresAt', s.expires_at, 'mostViews', s.most_views, 'views', s.views, 'revokedAt', s.revoked_at) order by s.id), '[]')
    from share s where s.account_id = :account),
  'documentRequests', (select coalesce(json_agg(json_build_object('reference', r.reference, 'kind', r.kind, 'family', r.family,
    'session', r.year, 'academy', r.obtained_in, 'country', r.country_code, 'askedOf', r.academy_code, 'asked', r.asked,
    'person', r.person, 'represented', r.represented, 'state', r.state, 'submittedAt', r.submitted_at, 'dueOn', r.due_on,
    'silence', r.silence, 'decidedAt', r.decided_at, 'refusal', r.refusal, 'endedAt', r.ended_at, 'missingPieces', r.missing_pieces,
    'messages', (select coalesce(json_agg(json_build_object('at', uuid_extract_timestamp(m.id),
      'from', case when m.agent_id is null then 'APPLICANT' else 'SERVICE' end, 'body', m.body) order by m.id), '[]')
      from document_request_message m where m.request_id = r.id),
    'pieces', (select coalesce(json_agg(json_build_object('kind', p.kind, 'name', p.file_name, 'mediaType', p.media_type, 'size', p.size,
      'from', case when p.agent_id is null then 'APPLICANT' else 'SERVICE' end, 'uploadedAt', p.uploaded_at,
      'destroyedAt', p.destroyed_at) order by p.id), '[]')
      from document_request_piece p where p.request_id = r.id and (p.kind <> 'DELIVERED' or r.state = 'DELIVERED')),
    'history', (select coalesce(json_agg(json_build_object('at', uuid_extract_timestamp(e.id), 'kind', e.kind, 'state', e.state)
      order by e.id), '[]') from document_request_event e where e.request_id = r.id)) order by r.id), '[]')
    from document_request r where r.account_id = :account),
  'journal', (select coalesce(json_agg(json_build_object('at', j.at, 'act', j.act, 'facts', j.facts) order by j.id), '[]')
    from journal j where j.account_id = :account)
)::text;

-- name: held_since
-- Which diplomas an account holds that nobody else claims, and since when.
select diploma_id, attached_at from holding where account_id = :account and frozen_at is null;

-- name: lock
-- Requests of one account wait for each other here; entries that name the account do not wait for them.
select id from account where id = :account and closed_at is null for no key update;

-- name: tell
-- Tells the subscribers of an account, at the commit, that something of it has changed.
select pg_notify('parchemin_account', (:account)::uuid::text || ' ' || (:kind)::text);

-- name: viewer
-- The account that asks, with the identity that its session has; no row when nobody asks.
select (:account)::uuid as id, (:identity)::jsonb as identity where (:account)::uuid is not null;
