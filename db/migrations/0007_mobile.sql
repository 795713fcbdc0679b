-- Our own applications for telephones and computers: OAuth 2.1 for native apps (RFC 8252).

-- An application that may sign people in. It keeps no secret: whoever installs it could read it.
create table app (
  id text primary key,                        -- client_id (RFC 6749, §2.2)
  name text not null,                         -- what people call it
  redirect_uris text[] not null check (cardinality(redirect_uris) > 0),
  for_holders boolean not null,
  for_agents boolean not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  constraint for_somebody check (for_holders or for_agents)
);

-- An installed app that is signed in is a session like a browser's, so that whatever ends sessions ends it too. It has no cookie.
alter table web_session
  alter column digest drop not null,
  add column app_id text references app,
  add constraint cookie_or_app check (num_nonnulls(digest, app_id) = 1);
create index web_session_app on web_session (app_id) where ended_at is null and app_id is not null;
create index web_session_of_account on web_session (account_id);

-- What the browser carries to the app, which has a minute to change it for tokens, once.
create table app_code (
  digest bytea primary key,
  app_id text not null references app,
  redirect_uri text not null,
  challenge text not null,                    -- S256 (RFC 7636, §4.2)
  made_by uuid not null references web_session on delete cascade,
  session_id uuid not null default uuidv7(),  -- of the session that it begins: a second use ends it
  expires_at timestamptz not null,
  used_at timestamptz
);
create index app_code_made_by on app_code (made_by);
create index app_code_expires on app_code (expires_at);

-- A pair of tokens. The refresh token is used once; a used one is kept as long as it would have lived, to know it again.
create table app_token (
  refresh_digest bytea primary key,
  access_digest bytea not null unique,
  session_id uuid not null references web_session on delete cascade,
  issued_at timestamptz not null default now(),
  access_expires_at timestamptz not null,
  refresh_expires_at timestamptz not null,
  used_at timestamptz
);
create index app_token_session on app_token (session_id);
create index app_token_expires on app_token (refresh_expires_at);

-- Who an open session is: a holder by the best of his identities, or an agent who is active. No row when he is neither any more.
create view session_owner as
select w.id as session_id, w.account_id, i.person, i.proven, g.id as agent_id, g.name, g.role, g.academies
from web_session w
left join account a on a.id = w.account_id and a.closed_at is null
left join lateral (select i.person, i.proven from identity i where i.account_id = a.id
  order by i.proven desc, i.last_seen_at desc limit 1) i on true
left join agent g on g.id = w.agent_id and g.active
where a.id is not null or g.id is not null;
