import { describe, expect, it } from 'vitest';
import { revisionOfService, revisionOfVersion, revisionSuffix, versionOfImage } from '../../src/model/revision.ts';

describe('a revision', () => {
  it('is the version with dashes', () => {
    expect(revisionOfVersion('1.31.0')).toBe('1-31-0');
    expect(revisionOfVersion('1.31.0-rc.1')).toBe('1-31-0-rc-1');
  });

  it('is the suffix of the names of its objects, except the revision default', () => {
    expect(revisionSuffix('1-31-0')).toBe('-1-31-0');
    expect(revisionSuffix('default')).toBe('');
  });

  it.for([
    { service: 'istiod', revision: 'default' },
    { service: 'istiod-1-31-0', revision: '1-31-0' },
    { service: 'istiod-revision-tag-default', revision: undefined },
    { service: 'prometheus', revision: undefined },
  ])('of the Service $service is $revision', ({ service, revision }) => {
    expect(revisionOfService(service)).toBe(revision);
  });
});

describe('the version of an image', () => {
  it.for([
    { image: 'docker.io/istio/pilot:1.30.4', version: '1.30.4' },
    { image: 'docker.io/istio/pilot:1.30.4-distroless', version: '1.30.4' },
    { image: 'registry.example:5000/istio/pilot:1.31.0-debug', version: '1.31.0' },
    { image: 'istio/pilot:1.31.0-rc.1', version: '1.31.0-rc.1' },
    { image: 'istio/pilot:1.31.0@sha256:abc', version: '1.31.0' },
    { image: 'istio/pilot@sha256:abc', version: undefined },
    { image: 'istio/pilot:latest', version: undefined },
    { image: 'registry.example:5000/istio/pilot', version: undefined },
  ])('$image is $version', ({ image, version }) => {
    expect(versionOfImage(image)).toBe(version);
  });
});
