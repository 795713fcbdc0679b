-- Local accounts: signing in by e-mail address and password, and the mail that this takes.
-- What is said to be sealed is encrypted under a key of the master secret; what is called a digest or a lookup cannot be turned back.

create table local_account (
  id uuid primary key,                        -- the subject of its identity, whose provider is `local`
  account_id uuid not null unique references account,
  email_lookup bytea not null unique,         -- HMAC by which the address is found
  email bytea not null,                       -- sealed
  language text not null check (language in ('fr', 'en')),
  password text not null,                     -- argon2id of an HMAC of the password
  totp bytea,                                 -- sealed secret of the second factor
  totp_since timestamptz,                     -- null until its first code was given: it is not asked for before
  totp_step bigint,                           -- of the last code that was taken: none counts twice
  created_at timestamptz not null default now()
);

create view local_owner as
select l.id, l.account_id, l.email_lookup, l.email, l.language, l.password, l.totp, l.totp_since is not null as has_second_factor, i.person
from local_account l join identity i on i.provider = 'local' and i.subject = l.id::text;

-- Somebody asks for an account. It is opened by whoever has both the link that was mailed and the password chosen here.
create table sign_up (
  digest bytea primary key,                   -- of the link's token
  email_lookup bytea not null,
  sealed bytea not null,                      -- the address and who he says he is
  language text not null check (language in ('fr', 'en')),
  password text not null,
  expires_at timestamptz not null
);
create index sign_up_expires on sign_up (expires_at);

-- Secrets that serve once: links that were mailed, and the cookie between a password and a second factor.
create table single_use (
  digest bytea primary key,
  local_account_id uuid not null references local_account on delete cascade,
  purpose text not null check (purpose in ('RESET', 'EMAIL_OLD', 'EMAIL_NEW', 'SECOND_FACTOR')),
  expires_at timestamptz not null
);
create index single_use_account on single_use (local_account_id, purpose);
create index single_use_expires on single_use (expires_at);

-- An address that is to replace another, once both have confirmed it.
create table email_change (
  local_account_id uuid primary key references local_account on delete cascade,
  email_lookup bytea not null,
  email bytea not null,                       -- sealed
  old_confirmed_at timestamptz,
  new_confirmed_at timestamptz,
  expires_at timestamptz not null
);

-- Codes for a lost second factor. A code that was used is gone.
create table recovery_code (
  local_account_id uuid not null references local_account on delete cascade,
  digest bytea not null,                      -- HMAC: a code has 40 bits
  primary key (local_account_id, digest)
);

-- Letters to send, written by the transaction that causes them and deleted once they are sent.
create table mail (
  id uuid primary key,
  sealed bytea not null,                      -- recipient, subject and text: the links in it open accounts
  attempts smallint not null default 0,
  due_at timestamptz not null default now(),  -- a worker that takes it puts this off, so that another takes it if he dies
  expires_at timestamptz not null             -- what it says is of no use any more
);
create index mail_due on mail (due_at);

alter table verification_failure
  drop constraint verification_failure_scope_check,
  add constraint verification_failure_scope_check check (scope in ('ADDRESS', 'NAME', 'KEY', 'SITE',
    'SIGN_IN_NETWORK', 'SIGN_IN_EMAIL', 'SIGN_IN_EMAIL_DAY', 'SIGN_IN_BROWSER', 'SECOND_FACTOR', 'PASSWORD_AGAIN',
    'MAIL_NETWORK', 'MAIL_EMAIL', 'MAIL_EMAIL_ALL'));
