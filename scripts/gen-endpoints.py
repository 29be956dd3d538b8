#!/usr/bin/env python3
"""Writes src/aws/forward/endpoints.json and test/aws/fixtures/endpoints.json from the botocore installed here.

Only facts are taken: signing names, host names, target prefixes and request paths. Usage:

    python3 scripts/gen-endpoints.py && npx biome format --write src/aws/forward/endpoints.json test/aws/fixtures/endpoints.json

endpoints.json holds:
  partitions  [{ id, suffix, dual, regions: <regex source>, global: <implicit region> }]
  services    { <signing name>: { hosts: [<candidate>, ...], targets?, operations?, query?, paths?, strict? } }
A candidate is the host for one service behind a signing name:
  { id, host, at? }   host: template over {r} region, {s} DNS suffix, {d} dual-stack suffix, {a} x-amz-account-id; an optional
                      "|region" is the region to sign for. null: every customer has a host of their own.
                      at: { <partition or region>: <template> } where it differs.
How one candidate is chosen, where a signing name has several:
  targets     { <prefix of X-Amz-Target, or rpc-v2-cbor service>: index }, operations { <operation>: index } before it
  query       index for query-protocol requests
  paths       a trie over method and path segments; "*" is any one segment, "**" the rest; a number is the candidate
strict        a path outside the trie belongs to a customer's own host (a function URL, a search domain)
"""

import gzip
import json
import os
import warnings

import botocore
import botocore.session
from botocore.endpoint_provider import EndpointProvider

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.path.join(os.path.dirname(botocore.__file__), 'data')

# Every customer has a host of their own, which no table can know.
NO_SHARED_HOST = {
    'apigatewaymanagementapi', 'cloudfront-keyvaluestore', 'cloudsearchdomain', 'kinesis-video-archived-media',
    'kinesis-video-media', 'kinesis-video-signaling', 'kinesis-video-webrtc-storage', 'mediastore-data', 'neptunedata',
    'signin',
}
# The same signing name also reaches customers' own hosts: take only the service's own paths.
STRICT = {'lambda', 'es', 'appsync', 'kinesisvideo', 'aoss', 'iotdata'}
# Superseded: where a newer service has the same path, it wins.
LAST = {'chime', 'lex-models', 'lex-runtime'}
# What an account id looks like while the rule sets are evaluated.
ACCOUNT = '123456789012'


def load(path):
    for name, opener in ((path, open), (path + '.gz', gzip.open)):
        if os.path.exists(name):
            with opener(name, 'rt', encoding='utf-8') as file:
                return json.load(file)
    return None


PARTITIONS = load(f'{DATA}/partitions.json')
SUFFIX = {p['id']: p['outputs']['dnsSuffix'] for p in PARTITIONS['partitions']}
DUAL = {p['id']: p['outputs']['dualStackDnsSuffix'] for p in PARTITIONS['partitions']}
REGIONS = [
    (p['id'], region)
    for p in PARTITIONS['partitions']
    for region in sorted(p['regions'])
    if not region.endswith('-global')
]


def template(url, region, partition):
    """`https://sts.eu-west-1.amazonaws.com` as `sts.{r}.{s}`."""
    text = url.removeprefix('https://')
    for suffix, mark in sorted(((SUFFIX[partition], '{s}'), (DUAL[partition], '{d}')), key=lambda pair: -len(pair[0])):
        host, slash, path = text.partition('/')
        if host.endswith('.' + suffix):
            host = host[: -len(suffix)] + mark
            text = host + slash + path
            break
    labels = text.split('.')
    return '.'.join('{r}' if label == region else label for label in labels).replace(ACCOUNT, '{a}')


def resolve(rules, provider, service, region, operation):
    parameters = {'Region': region}
    for name, about in rules['parameters'].items():
        if about.get('builtIn') in ('AWS::UseFIPS', 'AWS::UseDualStack'):
            parameters[name] = False
    if 'UseGlobalEndpoint' in rules['parameters']:
        parameters['UseGlobalEndpoint'] = False
    for name, about in operation.get('staticContextParams', {}).items():
        if name in ('ApiType', 'RequiresAccountId'):
            parameters[name] = about['value']
    if service == 's3control':
        parameters['AccountId'] = ACCOUNT
    endpoint = provider.resolve_endpoint(**parameters)
    scheme = next((s for s in endpoint.properties.get('authSchemes', []) if s['name'] == 'sigv4'), {})
    return endpoint.url, scheme.get('signingRegion')


def candidate(service, prefix, rules, operation):
    """Host templates for one service (and host prefix), the commonest first, the rest by partition or region."""
    name = service if not prefix else f'{service}/{prefix}'
    if service in NO_SHARED_HOST or '{' in prefix and service != 's3control':
        return {'id': name, 'host': None}
    provider = EndpointProvider(rules, PARTITIONS)
    by_region = {}
    for partition, region in REGIONS:
        url, signing = resolve(rules, provider, service, region, operation)
        text = template(url, region, partition)
        text = text if '{' in prefix else prefix + text
        by_region[(partition, region)] = text if signing in (None, region) else f'{text}|{signing}'

    def commonest(values):
        values = list(values)
        return max(sorted(set(values)), key=values.count)

    host = commonest(by_region.values())
    at = {}
    for partition in SUFFIX:
        inside = {r: t for (p, r), t in by_region.items() if p == partition}
        if not inside:
            continue
        usual = commonest(inside.values())
        if usual != host:
            at[partition] = usual
        at.update({r: t for r, t in inside.items() if t != usual})
    return {'id': name, 'host': host, **({'at': at} if at else {})}


def segments(operation):
    path = operation['http']['requestUri'].split('?')[0].split('#')[0]
    out = [operation['http']['method']]
    for part in path.rstrip('/').split('/')[1:]:
        out.append('**' if part.endswith('+}') else '*' if '{' in part else part)
    return out


def trie(entries, shallow):
    """entries: [(segments, candidate)]; stops where one candidate is left (but not above `shallow`)."""
    def build(items, depth):
        owners = {c for _, c in items}
        if len(owners) == 1 and depth >= shallow:
            return owners.pop()
        node = {}
        ended = sorted({c for path, c in items if len(path) == depth})
        if len(ended) > 1:
            print('same path in two services, the first is taken:', next(p for p, _ in items if len(p) == depth), ended)
        if ended:
            node[''] = ended[0]
        for label in sorted({path[depth] for path, _ in items if len(path) > depth}):
            node[label] = build([(p, c) for p, c in items if len(p) > depth and p[depth] == label], depth + 1)
        return node

    return build(entries, 0)


def services():
    found = {}
    for service in sorted(os.listdir(DATA)):
        if not os.path.isdir(f'{DATA}/{service}'):
            continue
        version = sorted(os.listdir(f'{DATA}/{service}'))[-1]
        model = load(f'{DATA}/{service}/{version}/service-2.json')
        rules = load(f'{DATA}/{service}/{version}/endpoint-rule-set-1.json')
        if model and rules:
            found[service] = (model, rules)
    return found


def build():
    groups = {}
    for service, (model, rules) in sorted(services().items(), key=lambda item: item[0] in LAST):
        meta = model['metadata']
        signing = meta.get('signingName', meta['endpointPrefix'])
        protocols = set(meta.get('protocols', [])) | {meta['protocol']}
        group = groups.setdefault(signing, [])
        by_prefix = {}
        for name, operation in model['operations'].items():
            prefix = operation.get('endpoint', {}).get('hostPrefix', '')
            prefix = '' if service == 's3' else '{AccountId}.' if service == 's3control' else prefix
            by_prefix.setdefault(prefix, []).append((name, operation))
        for prefix in sorted(by_prefix):
            operations = by_prefix[prefix]
            group.append({
                **candidate(service, prefix, rules, operations[0][1]),
                'service': service, 'prefix': prefix, 'protocols': protocols, 'target': meta.get('targetPrefix'),
                'operations': operations, 'split': len(by_prefix) > 1,
            })

    table = {}
    for signing, group in sorted(groups.items()):
        hosts, index = [], []
        for member in group:
            public = {k: member[k] for k in ('id', 'host', 'at') if k in member}
            same = next((i for i, h in enumerate(hosts) if (h['host'], h.get('at')) == (public['host'], public.get('at'))), None)
            if same is None:
                hosts.append(public)
                same = len(hosts) - 1
            index.append(same)
        entry = {'hosts': hosts}
        # S3 and S3 Control share every path; src/aws/forward/endpoints.ts tells them apart by the account header.
        if signing != 's3' and (len(hosts) > 1 or signing in STRICT):
            targets, by_operation, paths = {}, {}, []
            for member, i in zip(group, index):
                if member['target'] and member['protocols'] & {'json', 'smithy-rpc-v2-cbor'}:
                    if (member['split'] and member['prefix']) or targets.get(member['target'], i) != i:
                        by_operation.update({name: i for name, _ in member['operations']})
                    else:
                        targets[member['target']] = i
                if 'query' in member['protocols'] or 'ec2' in member['protocols']:
                    entry['query'] = i
                if member['protocols'] & {'rest-json', 'rest-xml'}:
                    paths += [(segments(op), i) for _, op in member['operations']]
            if targets:
                entry['targets'] = targets
            if by_operation:
                entry['operations'] = by_operation
            if paths:
                entry['paths'] = trie(paths, 2)
            if signing in STRICT:
                entry['strict'] = True
        table[signing] = entry

    partitions = [
        {
            'id': p['id'], 'suffix': SUFFIX[p['id']], 'dual': DUAL[p['id']], 'regions': p['regionRegex'].replace('\\-', '-'),
            'global': p['outputs']['implicitGlobalRegion'],
        }
        for p in PARTITIONS['partitions']
    ]
    return {'partitions': partitions, 'services': table}


def fixture():
    """What botocore's own clients resolve, by another road than the table above: [service, signing name, region, url, signing region]."""
    warnings.simplefilter('ignore')
    session = botocore.session.Session()
    session.set_credentials('AKIDEXAMPLE', 'not-a-secret')
    rows = []
    regions = ['us-east-1', 'eu-central-1', 'cn-north-1', 'us-gov-west-1']
    names = sorted(services())
    always = {
        's3', 'sts', 'iam', 'dynamodb', 'dynamodbstreams', 'ssm', 'lambda', 'ec2', 'kms', 'cloudwatch', 'logs', 'sesv2', 'ses', 'ecr',
        'sagemaker', 'sagemaker-runtime', 'iot', 'iot-data', 'organizations', 'route53', 'cloudfront', 'resourcegroupstaggingapi',
        'bedrock', 'bedrock-runtime', 'bedrock-agent', 'bedrock-agent-runtime', 'sqs', 'sns', 'secretsmanager', 'account', 'ce',
        'mturk', 'lex-models', 'lexv2-runtime', 'timestream-query', 'waf', 'wafv2', 'globalaccelerator', 'support', 'health', 'events',
        'geo-maps', 'datazone', 's3control',
    }
    for number, name in enumerate(names):
        if name in NO_SHARED_HOST or not (name in always or number % 4 == 0):
            continue
        for region in regions + (['us-iso-east-1', 'eusc-de-east-1', 'ap-southeast-2'] if name in always else []):
            client = session.create_client(name, region_name=region)
            model = client.meta.service_model
            operation = model.operation_model(model.operation_names[0])
            if operation.endpoint and name != 's3control':
                operation = next((model.operation_model(o) for o in model.operation_names if not model.operation_model(o).endpoint), None)
                if operation is None:
                    continue
            context = {'client_region': region, 'client_config': client.meta.config}
            try:
                endpoint = client._ruleset_resolver.construct_endpoint(
                    operation_model=operation, call_args={'AccountId': ACCOUNT} if name == 's3control' else {}, request_context=context)
            except Exception as error:  # a service that has no endpoint there
                print('skipped', name, region, error)
                continue
            scheme = next((s for s in endpoint.properties.get('authSchemes', []) if s['name'] in ('sigv4', 'v4', 's3v4')), {})
            http = operation.http
            target = f"{model.metadata['targetPrefix']}.{operation.name}" if 'targetPrefix' in model.metadata else None
            rows.append([
                name, model.signing_name, region, endpoint.url, scheme.get('signingRegion', region),
                http['method'], http['requestUri'].split('?')[0], target, model.metadata['protocol'],
            ])
    return rows


def write(path, value, indent=None):
    path = os.path.join(ROOT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        if isinstance(value, list):
            file.write('[\n' + ',\n'.join(json.dumps(row) for row in value) + '\n]\n')
        else:
            json.dump(value, file, separators=(',', ':'), indent=indent)
            file.write('\n')
    print(path, os.path.getsize(path))


if __name__ == '__main__':
    write('src/aws/forward/endpoints.json', build())
    write('test/aws/fixtures/endpoints.json', fixture())
