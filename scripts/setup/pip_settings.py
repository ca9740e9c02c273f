"""Print as JSON how pip reaches its packages here: by its configuration files, its environment and its defaults.

pip's own parser is asked, since only that knows which of several settings takes precedence.
"""

import json

from pip._internal.commands import create_command

options, _ = create_command("install").parse_args([])
formats = options.format_control
print(
    json.dumps(
        {
            "indexUrl": options.index_url,
            "extraIndexUrls": options.extra_index_urls,
            "findLinks": options.find_links,
            "noIndex": options.no_index,
            "trustedHosts": options.trusted_hosts,
            "cert": options.cert,
            "proxy": options.proxy,
            "timeout": options.timeout,
            # uv cannot do the same with these.
            "others": {
                "client-cert": options.client_cert,
                "keyring-provider": getattr(options, "keyring_provider", "auto") != "auto",
                "no-binary": bool(formats.no_binary),
                "only-binary": bool(formats.only_binary),
            },
        }
    )
)
