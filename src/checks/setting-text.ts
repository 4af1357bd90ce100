/** How settings and their values, which are JSON, are shown. */

export const isSecret = (path: string): boolean => /password|secret|token|credential|apikey|privatekey/i.test(path);

export const short = (json: string): string => (json.length > 60 ? `${json.slice(0, 57)}...` : json);
