import { SsoRefusal, type SsoReply, type SsoState } from './state.ts';

/** ListAccounts, ListAccountRoles, GetRoleCredentials and Logout, in the words of AWS's model (sso 2019-06-10). */
export function answerPortal(
  { method, path, query, token }: { method: string; path: string; query: URLSearchParams; token: string | undefined },
  state: SsoState,
): SsoReply | undefined {
  switch (`${method} ${path}`) {
    case 'GET /assignment/accounts':
      assertToken(token, state);
      return page(
        state.accounts.map(({ roles: _, ...account }) => account),
        'accountList',
        query,
        state,
      );
    case 'GET /assignment/roles': {
      assertToken(token, state);
      const accountId = query.get('account_id') ?? '';
      const account = state.accounts.find((one) => one.accountId === accountId);
      if (account === undefined) throw refuse(404, 'ResourceNotFoundException', 'no such account');
      return page(
        account.roles.map((roleName) => ({ roleName, accountId })),
        'roleList',
        query,
        state,
      );
    }
    case 'GET /federation/credentials': {
      assertToken(token, state);
      const accountId = query.get('account_id') ?? '';
      const roleName = query.get('role_name') ?? '';
      const account = state.accounts.find((one) => one.accountId === accountId);
      if (account?.roles.includes(roleName) !== true) throw refuse(403, 'ForbiddenException', 'No access');
      const issued = state.issue(accountId, roleName);
      state.secrets.push(issued.secretAccessKey, issued.sessionToken);
      return { status: 200, body: { roleCredentials: issued } };
    }
    case 'POST /logout': {
      const known = assertToken(token, state);
      known.session.ended = true;
      return { status: 200, body: {} };
    }
    default:
      return undefined;
  }
}

function assertToken(token: string | undefined, state: SsoState) {
  const known = token === undefined ? undefined : state.tokens.get(token);
  const good = known !== undefined && known.expiresAt > state.now() && !known.session.ended;
  if (!good || known.session.endsAt <= state.now()) {
    throw refuse(401, 'UnauthorizedException', 'Session token not found or invalid');
  }
  return known;
}

function page(items: readonly unknown[], name: string, query: URLSearchParams, state: SsoState): SsoReply {
  const from = Number(query.get('next_token') ?? '0');
  const size = Math.min(state.pageSize, Number(query.get('max_result') ?? '100'));
  const next = from + size < items.length ? String(from + size) : null;
  return { status: 200, body: { [name]: items.slice(from, from + size), nextToken: next } };
}

function refuse(status: number, errorType: string, message: string): SsoRefusal {
  return new SsoRefusal({ status, errorType, body: { message } });
}
