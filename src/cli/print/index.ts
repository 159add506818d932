// The public face of printing.
export { createPrinter, type Printer } from './printer.ts';
export { createProgressLine, type ProgressLine } from './progress-line.ts';
export { renderTable } from './table.ts';
export { ago, duration, failureText, size } from './words.ts';
