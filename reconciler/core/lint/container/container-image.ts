import { VersionedImage } from '../../../../schemas/weka/resources.ts';
import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';

/** The version of the drivers is read from the tag, unless a builder is told another one (weka-operator §3.3, §3.4). */
export const containerImage: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'What is served or built for is the version in the tag of the image, and without one nobody knows which.',
  example: {
    wrong:
      'kind: WekaContainer\nspec:\n  mode: drivers-dist\n  image: quay.io/weka.io/weka-in-container:latest',
    right:
      'kind: WekaContainer\nspec:\n  mode: drivers-dist\n  image: quay.io/weka.io/weka-in-container:4.4.10',
  },
  *check({ containers, policies }) {
    for (const spec of containers) {
      const { image, mode, builder } = spec.container.spec;
      if (VersionedImage.safeParse(image).success) continue;
      if (mode === 'drivers-builder' && builder?.weka_version) continue;
      yield {
        spec,
        path: ['spec', 'image'],
        message: `${quoted(image)} does not end with a version of WEKA.`,
        hint: `Write a tag that begins with one, such as :4.4.10${mode === 'drivers-builder' ? ', or set builder.weka_version' : ''}.`,
      };
    }
    for (const spec of policies) {
      for (const [index, image] of (
        spec.policy.spec.payload.driverDistPayload?.ensureImages ?? []
      ).entries()) {
        if (VersionedImage.safeParse(image).success) continue;
        yield {
          spec,
          path: ['spec', 'payload', 'driverDistPayload', 'ensureImages', index],
          message: `${quoted(image)} does not end with a version of WEKA.`,
          hint: 'Write a tag that begins with one, such as :4.4.10.',
        };
      }
    }
  },
};
