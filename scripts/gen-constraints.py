#!/usr/bin/env python3
"""Writes src/aws/SERVICE/constraints.json for each service named, from the botocore installed here.

Only facts are taken: what AWS's API model requires of inputs. The runtime schemas of the JavaScript SDK leave that out. Usage:

    python3 scripts/gen-constraints.py kms && npx biome format --write src/aws/kms/constraints.json

The file holds:
  structures  { <structure>: { required?: [<member>, ...], members: { <member>: <shape> } } }   members without constraints are left out
  shapes      { <shape>: { min?, max?, pattern?, enum?, secret?, integer?, of?, key?, value? } }
min and max are of a length (strings, blobs, lists, maps) or of the number; `of`, `key` and `value` name the shapes of items, keys and
values; `secret` values are not repeated in errors; `integer` numbers have no fraction.

What the model does not say, or says later than the SDK, is in SUPPLEMENTS.
"""

import gzip
import json
import os
import subprocess
import sys

import botocore

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.path.join(os.path.dirname(botocore.__file__), 'data')
LIMITS = ('min', 'max', 'pattern')

# shapes: merged over the model's, or new. structures: those the model lacks, { <member>: <shape> }. members: those that a structure of the
# model lacks, by structure.
SUPPLEMENTS = {
    'iam': {
        # Of operations that no model here has yet, and that are refused: a string without constraints stands in for what their members are.
        'structures': {
            'AcquireRoleRequest': {
                'TemplateArn': 'stringType', 'TemplateMinorVersion': 'stringType', 'ReplacementValues': 'stringType',
            },
            'ReplacementValueEntry': {'Values': 'stringType'},
            'GetAccountPropertiesRequest': {},
            'GetRoleTemplateVersionRequest': {'TemplateArn': 'stringType', 'MinorVersion': 'stringType'},
            'PutAccountPropertiesRequest': {'Properties': 'stringType'},
            'OrderedOrganizationPolicyType': {'ServiceControlPolicyInputList': 'stringType'},
            'PolicyIdentifier': {
                'PolicyType': 'stringType', 'PolicyArn': 'stringType', 'InlinePolicyIdentifier': 'stringType',
            },
            'InlinePolicyIdentifierType': {
                'PolicyName': 'stringType', 'AttachmentType': 'stringType', 'AttachmentName': 'stringType',
            },
        },
    },
    'kms': {
        'shapes': {
            # The service refuses other characters, in this pattern's words.
            'KeyIdType': {'pattern': r'^\p{ASCII}+$'},
            'EncapsulationAlgorithmSpec': {'enum': ['ML_KEM']},
            # AWS's own is ^https://[a-zA-Z0-9.-]+$: here a proxy may have a port, and be on this machine without TLS.
            'XksProxyUriEndpointType': {
                'pattern': r'^https://[a-zA-Z0-9.-]+(:\d{1,5})?$|^http://(localhost|127\.0\.0\.1)(:\d{1,5})?$',
            },
        },
        'structures': {
            'EncapsulateRequest': {
                'KeyId': 'KeyIdType', 'EncapsulationAlgorithm': 'EncapsulationAlgorithmSpec', 'GrantTokens': 'GrantTokenList',
                'DryRun': 'NullableBooleanType',
            },
            'DecapsulateRequest': {
                'KeyId': 'KeyIdType', 'SharedSecretCiphertextBlob': 'CiphertextType',
                'EncapsulationAlgorithm': 'EncapsulationAlgorithmSpec', 'GrantTokens': 'GrantTokenList',
                'DryRun': 'NullableBooleanType',
            },
        },
        'members': {
            'CreateGrantRequest': {'GranteeServicePrincipal': 'PrincipalIdType', 'RetiringServicePrincipal': 'PrincipalIdType'},
            'GrantConstraints': {'SourceArn': 'ArnType'},
            'ListGrantsRequest': {'GranteeServicePrincipal': 'PrincipalIdType'},
            'ListRetirableGrantsRequest': {'RetiringServicePrincipal': 'PrincipalIdType'},
        },
    },
}


def load(service):
    folder = f'{DATA}/{service}'
    version = sorted(os.listdir(folder))[-1]
    for name, opener in (('service-2.json', open), ('service-2.json.gz', gzip.open)):
        path = f'{folder}/{version}/{name}'
        if os.path.exists(path):
            with opener(path, 'rt', encoding='utf-8') as file:
                return json.load(file)
    raise SystemExit(f'botocore has no model of {service}.')


def ask_sdk(service):
    """The enums of the SDK's client, and its structures and unions as { name: { members, required } } (a schema counts the required ones, first)."""
    program = f"""
        const client = await import('@aws-sdk/client-{service}');
        const enums = {{}}, structures = {{}};
        for (const [name, value] of Object.entries(client)) {{
            if (Array.isArray(value) && (value[0] === 3 || value[0] === 4)) structures[value[2]] = {{ members: value[4], required: value[6] ?? 0 }};
            else if (Object.getPrototypeOf(value) === Object.prototype && Object.entries(value).every(([, v]) => typeof v === 'string'))
                enums[name] = Object.values(value);
        }}
        console.log(JSON.stringify({{ enums, structures }}));
    """
    done = subprocess.run(['node', '--input-type=module', '-e', program], cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def build(service):
    model = load(service)
    sdk = ask_sdk(service)
    supplement = SUPPLEMENTS.get(service, {})
    source = dict(model['shapes'])
    for name, more in supplement.get('shapes', {}).items():
        source[name] = {'type': 'string', **source.get(name, {}), **more}
    for name, values in sdk['enums'].items():
        # The SDK may be newer than the model; the model's order is the one that AWS's errors list.
        if 'enum' in source.get(name, {}):
            old = source[name]['enum']
            source[name] = {**source[name], 'enum': old + [value for value in values if value not in old]}
    for name, known in sdk['structures'].items():
        # What the SDK requires no more, its service does not either.
        if name in source and source[name].get('required'):
            required = [member for member in source[name]['required'] if member in known['members'][: known['required']]]
            source[name] = {**source[name], 'required': required}
    for name, members in supplement.get('members', {}).items():
        twice = set(members) & set(source[name]['members'])
        if twice:
            raise SystemExit(f'The model has {twice} of {name} by now: remove that from SUPPLEMENTS.')
        added = {member: {'shape': shape} for member, shape in members.items()}
        source[name] = {**source[name], 'members': {**source[name]['members'], **added}}
    roots = [op['input']['shape'] for op in model['operations'].values() if 'input' in op]
    for name, members in supplement.get('structures', {}).items():
        if name in source:
            raise SystemExit(f'The model has {name} by now: remove it from SUPPLEMENTS.')
        known = sdk['structures'][name]
        if set(known['members']) != set(members):
            raise SystemExit(f'{name} has other members in the SDK: {known["members"]}.')
        source[name] = {
            'type': 'structure', 'required': known['members'][: known['required']],
            'members': {member: {'shape': shape} for member, shape in members.items()},
        }
        roots.append(name)

    shapes, structures = {}, {}

    def visit(name):
        """Whether the shape has constraints of its own or below it, up to the next structure."""
        if name in shapes:
            return True
        shape = source[name]
        if shape['type'] == 'structure':
            if name not in structures:
                structures[name] = entry = {}
                members = {m: ref['shape'] for m, ref in shape['members'].items() if visit(ref['shape'])}
                required = shape.get('required', [])
                entry.update({'required': required} if required else {})
                entry['members'] = {m: s for m, s in members.items() if s in shapes}
            return False
        out = {k: shape[k] for k in LIMITS if k in shape}
        if 'enum' in shape:
            out['enum'] = shape['enum']
        if shape.get('sensitive'):
            out['secret'] = True
        if shape['type'] in ('integer', 'long'):
            out['integer'] = True
        for role, field in (('member', 'of'), ('key', 'key'), ('value', 'value')):
            if role in shape and visit(shape[role]['shape']):
                out[field] = shape[role]['shape']
        if not out:
            return False
        shapes[name] = out
        return True

    for root in sorted(roots):
        visit(root)
    return {'structures': dict(sorted(structures.items())), 'shapes': dict(sorted(shapes.items()))}


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    for service in sys.argv[1:]:
        path = os.path.join(ROOT, 'src', 'aws', service, 'constraints.json')
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(build(service), file, separators=(',', ':'), ensure_ascii=False)
            file.write('\n')
        print(path, os.path.getsize(path))


if __name__ == '__main__':
    main()
