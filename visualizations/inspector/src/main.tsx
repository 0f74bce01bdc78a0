import { render } from 'preact';
import { App } from './app.js';
import { connectByLocation } from './session.js';
import './styles/theme.css';
import './styles/layout.css';
import './styles/controls.css';
import './styles/chart.css';
import './styles/panels.css';
import { applyTheme } from './theme.js';

const root = document.getElementById('inspector');
if (root === null) throw new Error('The page has no place for the inspector.');
applyTheme();
connectByLocation();
// A link with another token may be opened in the same tab.
addEventListener('hashchange', connectByLocation);
render(<App />, root);
