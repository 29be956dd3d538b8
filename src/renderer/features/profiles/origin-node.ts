import { FileKey2, FileText, LogIn, type LucideIcon, Terminal } from 'lucide-react';
import type { Origin } from '../../../contract/origins.ts';

/** How what stands at the beginning of a chain is drawn. */
export interface OriginNode {
  Icon: LucideIcon;
  kind: string;
  title: string;
  /** A second line. */
  note: string;
  /** AWS’s name of the call, or what is done. */
  call: string;
}

export function originNode(origin: Origin): OriginNode {
  switch (origin.kind) {
    case 'sso':
      return {
        Icon: LogIn,
        kind: 'Sign-in',
        title: origin.signIn,
        note: 'IAM Identity Center',
        call: `GetRoleCredentials, ${origin.roleName}`,
      };
    case 'saml':
      return { Icon: LogIn, kind: 'Sign-in', title: origin.signIn, note: 'SAML 2.0', call: 'AssumeRoleWithSAML' };
    case 'webIdentity':
      return origin.signIn === undefined
        ? {
            Icon: FileText,
            kind: 'Token file',
            title: origin.tokenFile ?? '',
            note: 'read for each session',
            call: 'AssumeRoleWithWebIdentity',
          }
        : {
            Icon: LogIn,
            kind: 'Sign-in',
            title: origin.signIn,
            note: 'OpenID Connect',
            call: 'AssumeRoleWithWebIdentity',
          };
    case 'rolesAnywhere':
      return {
        Icon: FileKey2,
        kind: 'Certificate',
        title: origin.certificate,
        note: 'its key is in the HSM',
        call: 'CreateSession of IAM Roles Anywhere',
      };
    case 'process':
      return {
        Icon: Terminal,
        kind: 'Program',
        title: (origin.command[0] ?? '').replace(/^.*[/\\]/, ''),
        note: 'prints credentials',
        call: 'runs when there is need of new ones',
      };
  }
}
