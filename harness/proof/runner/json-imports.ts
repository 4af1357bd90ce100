import { registerHooks } from 'node:module';

// GitHub's parser imports its schemas as JSON without saying so, which bundlers take and Node does not.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier.endsWith('.json')
      ? { ...next(specifier, context), importAttributes: { type: 'json' } }
      : next(specifier, context),
});
