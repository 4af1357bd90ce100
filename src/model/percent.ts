/** Three digits: `4.8 %`, `0.104 %`. */
export const percent = (ratio: number): string => `${Number((ratio * 100).toPrecision(3))} %`;
