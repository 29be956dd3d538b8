import type { SignInSettings } from '../../../contract/sign-ins.ts';
import type { OidcSettings } from '../../../contract/web-identity.ts';
import { Fact } from '../../ui/facts.tsx';

/** What a sign-in was set up with. */
export function SettingFacts({ settings }: { settings: SignInSettings }) {
  switch (settings.type) {
    case 'sso':
      return (
        <>
          <Fact name="Start URL">
            <span className="mono break-all">{settings.startUrl}</span>
          </Fact>
          <Fact name="Its region">{settings.region}</Fact>
          <Fact name="Scopes">
            <span className="mono break-all">{settings.scopes.join(' ')}</span>
          </Fact>
          {settings.endpointUrl !== undefined && (
            <Fact name="Endpoint">
              <span className="mono break-all">{settings.endpointUrl}</span>
            </Fact>
          )}
        </>
      );
    case 'saml':
      return (
        <>
          <Fact name="Start URL">
            <span className="mono break-all">{settings.startUrl}</span>
          </Fact>
          <Fact name="Accounts">
            {settings.accounts === undefined ? 'All' : <span className="mono">{settings.accounts.join(', ')}</span>}
          </Fact>
        </>
      );
    case 'oidc':
      return (
        <>
          <Fact name="Issuer">
            <span className="mono break-all">{settings.issuer}</span>
          </Fact>
          <Fact name="Client id">
            <span className="mono break-all">{settings.clientId}</span>
          </Fact>
          <Fact name="Client secret">{clientSecretWords(settings.clientAuth)}</Fact>
          <Fact name="Scopes">
            <span className="mono break-all">{settings.scopes.join(' ')}</span>
          </Fact>
        </>
      );
  }
}

function clientSecretWords(auth: OidcSettings['clientAuth']): string {
  if (auth === undefined) return 'None: a public client';
  return `Kept by the HSM, shown ${auth === 'client_secret_basic' ? 'in a header' : 'in the request’s body'}`;
}
