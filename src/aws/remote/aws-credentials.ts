import type { ById, CredentialCalls, NewCredential } from '../../core/rotation/adapters/credential-calls.ts';
import type { IamAccessKey } from '../../core/rotation/aws-iam.ts';
import type { XmlElement } from '../protocol/xml/parse-xml.ts';
import { elementOf } from './element-of.ts';
import { at, child, IAM, type IamCall, members, secretOf, textOf, unknownForm, xmlOf } from './iam-call.ts';

/** The operations of IAM that service-specific credentials and SSH public keys are made and rotated with. */
export function credentialCalls(call: IamCall, clock: { now(): number }): CredentialCalls {
  const credential = ({ userName, id }: ById) => ({ UserName: userName, ServiceSpecificCredentialId: id });
  const sshKey = ({ userName, id }: ById) => ({ UserName: userName, SSHPublicKeyId: id });
  return {
    async listCredentials(signer, { userName, service }) {
      const answer = await call(signer, IAM, 'ListServiceSpecificCredentials', {
        UserName: userName,
        ServiceName: service,
      });
      return listedIn(answer).map(viewCredential);
    },

    async listAllCredentials(signer, userName) {
      const answer = await call(signer, IAM, 'ListServiceSpecificCredentials', { UserName: userName });
      return listedIn(answer).map((member) => {
        const service = child(member, 'ServiceName')?.text;
        if (service === undefined) throw unknownForm('ServiceName');
        return { ...viewCredential(member), service };
      });
    },

    async createCredential(signer, { userName, service }) {
      const parameters = { UserName: userName, ServiceName: service };
      return viewNew(await call(signer, IAM, 'CreateServiceSpecificCredential', parameters), clock);
    },

    async resetCredential(signer, which) {
      return viewNew(await call(signer, IAM, 'ResetServiceSpecificCredential', credential(which)), clock);
    },

    async setCredentialActive(signer, { active, ...which }) {
      await call(signer, IAM, 'UpdateServiceSpecificCredential', { ...credential(which), Status: status(active) });
    },

    async deleteCredential(signer, which) {
      await call(signer, IAM, 'DeleteServiceSpecificCredential', credential(which));
    },

    async listSshKeys(signer, userName) {
      const answer = await call(signer, IAM, 'ListSSHPublicKeys', { UserName: userName });
      return members(at(xmlOf(answer), 'ListSSHPublicKeysResult', 'SSHPublicKeys')).map((member) =>
        viewListed(member, 'SSHPublicKeyId', 'UploadDate'),
      );
    },

    async sshKeyBody(signer, which) {
      const answer = await call(signer, IAM, 'GetSSHPublicKey', { ...sshKey(which), Encoding: 'SSH' });
      return textOf(answer, 'SSHPublicKeyBody').trim();
    },

    async uploadSshKey(signer, { userName, publicKey }) {
      const answer = await call(signer, IAM, 'UploadSSHPublicKey', {
        UserName: userName,
        SSHPublicKeyBody: publicKey,
      });
      return { id: textOf(answer, 'SSHPublicKeyId'), createdAt: dateOf(answer, 'UploadDate') ?? clock.now() };
    },

    async setSshKeyActive(signer, { active, ...which }) {
      await call(signer, IAM, 'UpdateSSHPublicKey', { ...sshKey(which), Status: status(active) });
    },

    async deleteSshKey(signer, which) {
      await call(signer, IAM, 'DeleteSSHPublicKey', sshKey(which));
    },
  };
}

function status(active: boolean): string {
  return active ? 'Active' : 'Inactive';
}

function listedIn(answer: Buffer): XmlElement[] {
  return members(at(xmlOf(answer), 'ListServiceSpecificCredentialsResult', 'ServiceSpecificCredentials'));
}

function viewCredential(member: XmlElement): IamAccessKey {
  return viewListed(member, 'ServiceSpecificCredentialId', 'CreateDate');
}

function viewListed(member: XmlElement, id: string, date: string): IamAccessKey {
  const accessKeyId = child(member, id)?.text;
  const createdAt = Date.parse(child(member, date)?.text ?? '');
  if (accessKeyId === undefined || Number.isNaN(createdAt)) throw unknownForm(id);
  return { accessKeyId, active: child(member, 'Status')?.text === 'Active', createdAt };
}

/** A password has a user name with it, an API key an alias; both are shown this once. */
function viewNew(answer: Buffer, clock: { now(): number }): NewCredential {
  try {
    const isPassword = elementOf(answer, 'ServicePassword') !== undefined;
    const expiresAt = dateOf(answer, 'ExpirationDate');
    return {
      id: textOf(answer, 'ServiceSpecificCredentialId'),
      userName: textOf(answer, isPassword ? 'ServiceUserName' : 'ServiceCredentialAlias'),
      secret: secretOf(answer, isPassword ? 'ServicePassword' : 'ServiceCredentialSecret'),
      createdAt: dateOf(answer, 'CreateDate') ?? clock.now(),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
  } finally {
    answer.fill(0);
  }
}

function dateOf(answer: Buffer, name: string): number | undefined {
  const time = Date.parse(elementOf(answer, name)?.toString('utf8') ?? '');
  return Number.isNaN(time) ? undefined : time;
}
