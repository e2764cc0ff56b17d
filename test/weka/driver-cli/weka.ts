#!/usr/bin/env node
import { weka } from './command.ts';

// Set and not called: what was printed to a pipe is still on its way.
process.exitCode = await weka(process.argv.slice(2), process.env);
