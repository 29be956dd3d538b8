import { SAML_PROVIDER_ARN } from '../../contract/origins.ts';
import { ROLE_ARN } from '../../contract/roles.ts';
import type { SamlRole } from '../../contract/saml.ts';
import type { SamlAssertion } from '../../core/sign-ins/saml/saml-assertion.ts';
import type { XmlElement } from '../protocol/xml/parse-xml.ts';
import { unusable } from './xml-of-saml.ts';

const PREFIX = 'https://aws.amazon.com/SAML/Attributes/';

/** The roles that AWS's own attributes of an assertion offer; the others are looked at as AWS does. */
export function readAttributes(assertion: XmlElement): Pick<SamlAssertion, 'roles'> {
  const statements = assertion.children.filter(({ name }) => name === 'AttributeStatement');
  const attributes = statements.flatMap(({ children }) => children.filter(({ name }) => name === 'Attribute'));
  const valuesOf = (name: string): string[] =>
    attributes
      .filter((one) => one.attributes.get('Name') === PREFIX + name)
      .flatMap(({ children }) =>
        children.filter((one) => one.name === 'AttributeValue').map(({ text }) => text.trim()),
      );
  const single = (name: string): string | undefined => {
    const [value, ...more] = valuesOf(name);
    if (more.length > 0) throw unusable(`it gives ${name} more than once`);
    return value === '' ? undefined : value;
  };
  const sessionName = single('RoleSessionName');
  if (sessionName === undefined || !/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw unusable(
      'AWS wants a RoleSessionName of 2 to 64 letters, digits and +=,.@_-, and the identity provider sends none',
    );
  }
  single('SourceIdentity');
  const seconds = single('SessionDuration');
  if (seconds !== undefined && !/^\d{3,5}$/.test(seconds))
    throw unusable('its SessionDuration is no number of seconds');
  return { roles: rolesOf(valuesOf('Role')) };
}

/** Each value is a role and a provider with a comma between, in either order. */
function rolesOf(values: readonly string[]): SamlRole[] {
  const roles = new Map<string, SamlRole>();
  for (const value of values) {
    const arns = value.split(',').map((arn) => arn.trim());
    const roleArn = arns.find((arn) => ROLE_ARN.test(arn));
    const principalArn = arns.find((arn) => SAML_PROVIDER_ARN.test(arn));
    if (arns.length !== 2 || roleArn === undefined || principalArn === undefined) {
      throw unusable('one of its roles is not the ARN of a role and that of a SAML provider with a comma between');
    }
    roles.set(`${roleArn},${principalArn}`, { roleArn, principalArn });
  }
  if (roles.size === 0) {
    throw unusable('it offers no role. Ask whoever runs the identity provider for one');
  }
  return [...roles.values()];
}
