#!/usr/bin/env python3
"""Writes src/aws/operation/protocols.json from the botocore installed here: which signing names stand for services that tell their operation
in X-Amz-Target (json), in Action (query) or in a path of Smithy's RPC v2 (cbor). Those that are nowhere tell it by method and path alone. Usage:

    python3 scripts/gen-protocols.py && npx biome format --write src/aws/operation/protocols.json
"""

import json
import os

import botocore.loaders

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KINDS = {'json': 'json', 'query': 'query', 'ec2': 'query', 'smithy-rpc-v2-cbor': 'cbor'}

# SDKs from before November 2023 speak it.
names = {'json': set(), 'query': {'sqs'}, 'cbor': set()}
loader = botocore.loaders.Loader()
for service in loader.list_available_services('service-2'):
    metadata = loader.load_service_model(service, 'service-2')['metadata']
    for protocol in {metadata['protocol'], *metadata.get('protocols', [])}:
        if protocol in KINDS:
            names[KINDS[protocol]].add(metadata.get('signingName', metadata['endpointPrefix']))
with open(f'{ROOT}/src/aws/operation/protocols.json', 'w', encoding='utf-8') as file:
    json.dump({kind: sorted(found) for kind, found in names.items()}, file)
    file.write('\n')
