import { useState } from 'preact/hooks';
import { typedAddress } from '../connection/address.js';
import { connect } from '../session.js';

/** Asks where the host is: in an extension, and where the page was opened without its token. */
export function ConnectForm() {
  const [where, setWhere] = useState(location.protocol.startsWith('http') ? location.host : '');
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState('');
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const address = typedAddress(where, token);
    if (address === null)
      setProblem('The address and the token are in what the service printed when it was started.');
    else connect(address);
  };
  return (
    <form class="connect" onSubmit={onSubmit}>
      <h1>Connect to a service</h1>
      <p>
        A service that was started with the inspector prints its address, with the token. Paste it whole, or
        type both.
      </p>
      <label>
        Address
        <input
          name="address"
          value={where}
          placeholder="127.0.0.1:4777"
          spellcheck={false}
          autocomplete="off"
          onInput={({ currentTarget }) => setWhere(currentTarget.value)}
        />
      </label>
      <label>
        Token
        <input
          name="token"
          type="password"
          value={token}
          autocomplete="off"
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
        />
      </label>
      <p role="alert" class="problem">
        {problem}
      </p>
      <button type="submit" class="primary">
        Connect
      </button>
    </form>
  );
}
