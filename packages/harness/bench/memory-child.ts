/** Verifies as many cases as its argument says, and prints the peak of its memory in bytes. Started by memory.ts. */
import { peakBytesOver } from './memory.js';

console.log(await peakBytesOver(Number(process.argv[2])));
