import { rehearsed, rehearseOnLab } from './lab-rehearsals.ts';

rehearseOnLab(rehearsed.badInOtherWays);
