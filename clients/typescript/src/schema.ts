// Made by `npm run generate` from the admin's OpenAPI document. Not edited by hand.

export interface paths {
    "/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes of chaos rules, overrides and settings, newest first. */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/baselines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the baselines. */
        get: operations["listBaselines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/baselines/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Gives a baseline as a model file. */
        get: operations["getBaseline"];
        put?: never;
        /**
         * Keeps what is learned now under a name, or the model file that is the body, in the place of what
         *     had the name.
         */
        post: operations["keepBaseline"];
        /** Forgets a baseline. */
        delete: operations["deleteBaseline"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/chaos/faults": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The kinds of faults, with their fields and an example each. */
        get: operations["listFaults"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/chaos/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tries a scope on the traffic of the last minutes; nothing is disturbed. */
        post: operations["previewChaos"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/chaos/profiles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Named sets of rules for common situations. */
        get: operations["listChaosProfiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/chaos/profiles/{name}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Starts all rules of a profile, for a scope and a while. */
        post: operations["startChaosProfile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/chaos/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All chaos rules in the order in which they act, ended ones included. */
        get: operations["listChaosRules"];
        put?: never;
        /** Makes a chaos rule. It acts at once, unless it says otherwise, and ends with its lease. */
        post: operations["createChaosRule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/chaos/rules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A chaos rule with its state and its figures. */
        get: operations["getChaosRule"];
        /**
         * Rewrites a chaos rule. What is left out takes its default; naming the end that the lease has
         *     already lets it go on, anything else begins a new one.
         */
        put: operations["replaceChaosRule"];
        post?: never;
        /** Deletes a chaos rule, and ends the delays and drips it has begun. */
        delete: operations["deleteChaosRule"];
        options?: never;
        head?: never;
        /**
         * Changes parts of a chaos rule (JSON merge patch, RFC 7396). The lease goes on unless the patch
         *     names a new end.
         */
        patch: operations["changeChaosRule"];
        trace?: never;
    };
    "/chaos/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends all chaos at once: no rule acts any more, and delays, hangs and drips in flight end. */
        post: operations["stopChaos"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Compares what was seen since a baseline was kept with what it knows: shapes, types, presence,
         *     statuses. Values are not compared, so that what changes from answer to answer does not alarm;
         *     a difference is reported when chance makes it in less than one case in 100,000.
         */
        get: operations["getDrift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Learned endpoints, by path and method. */
        get: operations["listEndpoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/endpoints/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything that is known of an endpoint. */
        get: operations["getEndpoint"];
        put?: never;
        post?: never;
        /** Forgets an endpoint; it is learned anew from what comes. */
        delete: operations["forgetEndpoint"];
        options?: never;
        head?: never;
        /** Changes who answers for an endpoint, or whether it learns. */
        patch: operations["changeEndpoint"];
        trace?: never;
    };
    "/endpoints/{id}/chaos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lets answers of an endpoint come late and fail, for a while: `level` percent of them fail, and
         *     all take ten times `level` milliseconds longer.
         */
        post: operations["setEndpointChaos"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/endpoints/{id}/fidelity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How well the model of an endpoint predicted real exchanges before it learned them. */
        get: operations["getEndpointFidelity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/endpoints/{id}/reasons": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What decides at an endpoint, in the order in which it is looked at, with the evidence for and
         *     against; behind it what was met and decides nothing.
         */
        get: operations["listReasons"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/endpoints/{id}/reasons/{reason}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Forbids or forces a reason, or leaves it to learning again. It acts at once, and outlives
         *     learning and restarts.
         */
        patch: operations["changeReason"];
        trace?: never;
    };
    "/endpoints/{id}/sample": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A synthesised answer to look at. */
        get: operations["sampleEndpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/endpoints/{id}/schema": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JSON Schema 2020-12 of an endpoint's bodies, as learned so far. */
        get: operations["getEndpointSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/endpoints/{id}/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts, statuses and times of an endpoint's answers over the last hour. */
        get: operations["getEndpointSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/endpoints/{id}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The figures of an endpoint alone: moving averages and quantiles, per status and in all. */
        get: operations["getEndpointStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Exchanges and the state of the double as server-sent events: `exchanges` (`items`, newest first,
         *     and how many were `skipped`) at most ten times a second, `state` every second.
         */
        get: operations["watchEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Explains what would happen to a request. */
        get: operations["explainRequest"];
        put?: never;
        /** Explains what would happen to a request with these headers and this body. */
        post: operations["explainRequestInFull"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Writes everything learned in the notation asked for. Nothing in it is a value that was seen
         *     beyond what the privacy level allows to be kept.
         */
        get: operations["exportModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fidelity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How well the models predicted real exchanges before they learned them. */
        get: operations["getFidelity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flush": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Returns when everything received so far is learned, published and stored. */
        post: operations["flush"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers as long as the double serves at all; needs no token. */
        get: operations["getLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the double is ready for work; needs no token. */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes a document in: a model is merged, an OpenAPI document holds until traffic has shown
         *     otherwise, archives, collections and logs are learned like traffic, mappings become overrides.
         *     The same document is taken once.
         */
        post: operations["importDocument"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures in the text format of Prometheus. */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This API as OpenAPI 3.1. */
        get: operations["getDescription"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/overrides": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All overrides in the order in which they are asked. One that was never hit tells the request
         *     that came nearest, and what it did not meet.
         */
        get: operations["listOverrides"];
        put?: never;
        /** Makes an override. It acts at once and until it is taken back, unless it says otherwise. */
        post: operations["createOverride"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/overrides/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes overrides of stub mappings. What can be carried over is, the report names the rest. */
        post: operations["importOverrides"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/overrides/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An override with its state and its figures. */
        get: operations["getOverride"];
        /**
         * Rewrites an override. What is left out takes its default; what was counted goes on unless whom
         *     it means, what it answers or its lease is another.
         */
        put: operations["replaceOverride"];
        post?: never;
        /** Takes an override back. */
        delete: operations["deleteOverride"];
        options?: never;
        head?: never;
        /**
         * Changes members of an override: each that is given takes the place of the one before as a whole,
         *     and null takes one away.
         */
        patch: operations["changeOverride"];
        trace?: never;
    };
    "/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Recent exchanges, newest first. */
        get: operations["listRequests"];
        put?: never;
        post?: never;
        /** Forgets the exchanges of one consumer. */
        delete: operations["forgetRequests"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/requests/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts recent exchanges. */
        get: operations["countRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/requests/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verifies how often exchanges happened, as far as the journal remembers. It answers as soon as
         *     that holds, and 417 when it does not: at once where more exchanges cannot help, else after
         *     `within_ms`.
         */
        post: operations["verifyRequests"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One exchange. */
        get: operations["getRequest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Forgets everything learned; settings and pinned templates stay. */
        post: operations["reset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/resources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The resources that were found, with what endpoints do with them. */
        get: operations["listResources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/resources/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Switches a resource off, pins it, says where its id and its rows stand, or leaves it to learning
         *     again. It acts at once, and outlives learning and restarts.
         */
        patch: operations["changeResource"];
        trace?: never;
    };
    "/routes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the backends, the one that takes the rest first, then in the order they are asked. */
        get: operations["listRoutes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/routes/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a backend. */
        get: operations["getRoute"];
        /**
         * Puts a backend in its place, at once; what is learned of one of this name stays. Its target must
         *     be one that the start allows.
         */
        put: operations["putRoute"];
        post?: never;
        /** Takes a backend away that was added while the double runs, and forgets what was learned of it. */
        delete: operations["removeRoute"];
        options?: never;
        head?: never;
        /** Changes who answers for a backend, at once. */
        patch: operations["changeRoute"];
        trace?: never;
    };
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The sessions of all consumers, by name. */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a session. */
        get: operations["getSession"];
        /** Loads a session: it then holds this, and nothing that it held before. */
        put: operations["loadSession"];
        post?: never;
        /** Resets a session: what it wrote is forgotten, and it begins anew with its next request. */
        delete: operations["resetSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{name}/entities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a consumer wrote. */
        get: operations["getSessionEntities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The settings in force. */
        get: operations["getSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes settings: at once, and kept over restarts. */
        patch: operations["changeSettings"];
        trace?: never;
    };
    "/templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the pinned templates, sorted by text. */
        get: operations["listTemplates"];
        /**
         * Pins a template: endpoints are folded together or parted at once, nothing learned is lost, and
         *     old ids lead to the new endpoint. One that is pinned already stays as it is.
         */
        put: operations["pinTemplate"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/templates/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says which endpoints a template would fold together or part; nothing is pinned. */
        post: operations["previewTemplate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/templates/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a pinned template. */
        get: operations["getTemplate"];
        put?: never;
        post?: never;
        /** Gives a pinned template back to learning. */
        delete: operations["unpinTemplate"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Name and version of what is running. */
        get: operations["getVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What is answered. */
        AnswerForm: {
            /**
             * @description `exactly` this; the learned answer `changed`; `hints` about members of whatever is learned;
             *     `pass`, as if there was no override.
             */
            type: components["schemas"]["AnswerKind"];
            /**
             * Format: int64
             * @description How many of a consumer's calls get it; the last of `answers` without it endures.
             */
            times?: number;
            /**
             * Format: int64
             * @description 200 unless given, or the learned one where it is changed.
             */
            status?: number;
            /** @description Name to value, or to a list of values. */
            headers?: Record<string, never>;
            /** @description Names of headers that are taken away (`changed`). */
            remove_headers?: string[];
            /** @description Body as JSON (`exactly`). */
            json?: Record<string, never>;
            /** @description Body as text (`exactly`). */
            text?: string;
            /** @description Body as bytes (`exactly`). */
            base64?: string;
            /** @description JSON Merge Patch, RFC 7396 (`changed`). */
            merge_patch?: Record<string, never>;
            /** @description JSON Patch, RFC 6902 (`changed`). */
            json_patch?: Record<string, never>[];
            /** @description Words about members of the body (`changed`, `hints`). */
            members?: components["schemas"]["MemberForm"][];
            /**
             * @description Whether texts are Jinja templates.
             * @default false
             */
            template: boolean;
            /** @description How long the answer takes: a distribution as of the fault `latency`. */
            latency?: Record<string, never>;
        };
        /** @enum {string} */
        AnswerKind: "exactly" | "changed" | "hints" | "pass";
        /** @description What is known of the answers with one status. */
        AnswerView: {
            /**
             * Format: int64
             * @description Answers learned.
             */
            observations: number;
            /**
             * Format: double
             * @description Share among the endpoint's answers, 0 to 1.
             */
            share: number;
            /** @description From the request leaving to the last byte. */
            latency_ms: components["schemas"]["LatencyFigures"];
            /** @description From the request leaving to the first byte. */
            first_byte_ms: components["schemas"]["LatencyFigures"];
            /**
             * Format: date-time
             * @description When the last one was seen.
             */
            last_seen_at?: string | null;
            /** @description Which request headers decide on the representation. */
            negotiation?: components["schemas"]["NegotiationFinding"][];
            /** @description How headers are made. */
            headers: components["schemas"]["HeaderDescription"][];
            /** @description The body. */
            body: components["schemas"]["BodyView"];
        };
        /** @description One change. */
        AuditEntry: {
            /**
             * Format: date-time
             * @description When.
             */
            at?: string | null;
            /** @description Who: the address the order came from. */
            actor: string;
            /**
             * @description What was done: `create`, `replace`, `amend`, `delete`, `stop`.
             * @example create
             */
            action: string;
            /**
             * @description To what.
             * @example chaos/rules/checkout-is-flaky
             */
            subject: string;
            /** @description The rule, override or setting `before` and `after`, as far as there was one. */
            change: Record<string, never>;
        };
        /** @description What is known of the backend. */
        BackendState: {
            /** @description False after failures in a row, until it answers again. */
            up: boolean;
        };
        /** @description A model kept by name. */
        BaselineSummary: {
            /**
             * @description Its name.
             * @example release-7
             */
            name: string;
            /**
             * Format: date-time
             * @description When it was kept.
             */
            created_at?: string | null;
            /**
             * Format: int64
             * @description Exchanges that it has learned.
             */
            observations: number;
            /** @description Bytes of its file. */
            bytes: number;
        };
        /**
         * @description How a body is shown.
         * @enum {string}
         */
        BodyEncoding: "none" | "json" | "text" | "base64";
        /**
         * @description What a body is.
         * @enum {string}
         */
        BodyKind: "empty" | "json" | "text" | "html" | "xml" | "form" | "binary";
        /**
         * @description A test of a JSON body: `pointer` or `json_path` or neither for the whole, and exactly one of
         *     `equals`, `contains`, `regex`, `present`.
         */
        BodyTestForm: {
            /** @example /customer/kind */
            pointer?: string;
            json_path?: string;
            /**
             * @description `jayway`: the path is read as WireMock's library does, whose filters ask an object itself.
             * @example jayway
             */
            dialect?: string;
            equals?: Record<string, never>;
            contains?: Record<string, never>;
            regex?: string;
            present?: boolean;
        };
        /** @description What is known of a body. */
        BodyView: {
            /**
             * Format: int64
             * @description Bodies looked at, empty ones included.
             */
            observations: number;
            /** @description What most of them are. */
            kind: components["schemas"]["BodyKind"];
            /** @description JSON Schema 2020-12 of the JSON bodies; null before the first. */
            schema?: Record<string, never> | null;
            /** @description Values of the request that come back, and where. */
            echoes: components["schemas"]["EchoFinding"][];
            /** @description Bodies declared as JSON that could not be read, by reason: they teach type and size alone. */
            opaque?: components["schemas"]["OpaqueView"][];
        };
        /** @description Calls of one consumer. */
        CallsForm: {
            /**
             * Format: int64
             * @default 1
             */
            from: number;
            /** Format: int64 */
            to?: number;
            /**
             * Format: int64
             * @default 1
             */
            every: number;
        };
        /** @description The chaos of an endpoint after a change. */
        ChaosChanged: {
            /** @description Id of the endpoint. */
            id: string;
            /**
             * Format: int32
             * @description The level.
             */
            level: number;
            /** @description Whether it acts; it ends by itself. */
            active: boolean;
            /**
             * Format: date-time
             * @description When it ends; null when it does not act.
             */
            expires_at?: string | null;
            /** @description Ids of the rules that carry it out. */
            rules: string[];
            /**
             * @description Whether the change survives a restart already; otherwise it will as soon as the database
             *     can be written.
             */
            stored: boolean;
        };
        /** @description How much chaos an endpoint gets. */
        ChaosLevel: {
            /**
             * Format: int32
             * @description Probability of a failure in percent, and a tenth of the milliseconds added to each answer.
             */
            level: number;
            /** @description Whether it acts. */
            active: boolean;
        };
        /** @description What a rule of this scope would have meant. */
        ChaosPreview: {
            /**
             * Format: int64
             * @description Exchanges that were looked at: all that the journal remembers.
             */
            looked_at: number;
            /**
             * Format: date-time
             * @description When the oldest of them arrived.
             */
            since?: string | null;
            /**
             * Format: int64
             * @description Of those, how many the scope means.
             */
            matched: number;
            /** @description Of those, by endpoint, most first. */
            endpoints: components["schemas"]["PreviewCount"][];
            /** @description Of those, by consumer, most first; those without `X-Mock-Session` under an empty name. */
            sessions: components["schemas"]["PreviewCount"][];
            /**
             * @description Parts of the scope that past exchanges cannot be asked for, because they are not kept: fewer
             *     requests may be meant than are counted here.
             */
            not_judged: string[];
        };
        /** @description What chaos did to an exchange. */
        ChaosShown: {
            /**
             * @description What was done, as in `X-Mock-Chaos`; empty when nothing offered itself.
             * @example latency;ms=250, status;code=503
             */
            effects: string;
            /**
             * Format: double
             * @description How long the exchange was held up.
             */
            held_ms: number;
            /** @description The rules that hit, in order. */
            rules: components["schemas"]["HitShown"][];
        };
        /** @description Chaos has ended. */
        ChaosStopped: {
            /** @description Ids of the rules that could still have acted. */
            stopped: string[];
            /**
             * @description Whether this survives a restart already; otherwise it will as soon as the database can be
             *     written.
             */
            stored: boolean;
        };
        /** @description What became of an import. */
        DocumentReport: {
            /**
             * @description How the document was read.
             * @example har
             */
            format: string;
            /** @description SHA-256 of the document: what it is known by when it comes again. */
            sha256: string;
            /** @description It was imported before, and nothing was taken this time. */
            repeated: boolean;
            /**
             * @description What was taken, by what it is: `exchanges`, `operations`, `endpoints`, `observations`,
             *     `overrides`, `templates`.
             */
            taken: {
                [key: string]: number;
            };
            /** @description What was left out, by reason. */
            left_out: {
                [key: string]: number;
            };
            /** @description What else there is to know. */
            notes: string[];
        };
        /** @description What was drawn for a synthesised answer. */
        DrawShown: {
            /**
             * Format: int64
             * @description Number of the draw in its consumer's sequence; 0 under `X-Mock-Seed`.
             */
            sequence: number;
            /**
             * Format: double
             * @description Learned latency that was drawn, before scaling.
             */
            latency_ms: number;
        };
        /** @description What has changed since a baseline. */
        Drift: {
            /** @description Name of the baseline. */
            against: string;
            /**
             * Format: date-time
             * @description When it was kept.
             */
            since?: string | null;
            severity?: components["schemas"]["Severity"] | null;
            /** @description Endpoints that were asked since. */
            endpoints: number;
            /** @description What has changed, the worst first. */
            findings: components["schemas"]["DriftFinding"][];
        };
        /** @description One difference. */
        DriftFinding: {
            /** @description What it does to those who use the API. */
            severity: components["schemas"]["Severity"];
            /**
             * @description What kind of difference; the names are oasdiff's where it has one.
             * @example response-required-property-removed
             */
            code: string;
            /**
             * @description Method and path.
             * @example GET /users/{id}
             */
            endpoint: string;
            /**
             * @description Where in it: a status and a JSON pointer in which `*` stands for any item.
             * @example response 200 /items/*\/email
             */
            place: string;
            /** @description What is different, in a sentence. */
            text: string;
        };
        /** @description One echo, for people. */
        EchoFinding: {
            /** @description JSON pointer into the answer; `*` stands for any item, `#` for the length of an array. */
            pointer: string;
            /** @description Where in the request the value stands. */
            origin: components["schemas"]["EchoOrigin"];
            /** @description Name of the parameter or header, or JSON pointer into the request body. */
            name: string;
            /**
             * Format: int32
             * @description Answers in which both values were equal.
             */
            hits: number;
            /**
             * Format: int32
             * @description Answers in which both values were there to be compared.
             */
            trials: number;
            /** @description The evidence suffices: the synthesised answer repeats the value. */
            active: boolean;
        };
        /**
         * @description Where in a request a value stands.
         * @enum {string}
         */
        EchoOrigin: "path" | "query" | "header" | "url" | "body";
        /** @description The mode in force for a request, and what set it. */
        EffectiveMode: {
            /** @description The mode. */
            effective: components["schemas"]["Mode"];
            /** @description What set it. */
            from: components["schemas"]["ModeSource"];
        };
        /** @description A change of an endpoint; what is left out stays. */
        EndpointChange: {
            /** @description Who answers. */
            mode?: components["schemas"]["EndpointMode"];
            /** @description Whether its traffic teaches. */
            learn?: boolean;
        };
        /** @description An endpoint after a change. */
        EndpointChanged: components["schemas"]["EndpointSummary"] & {
            /**
             * @description Whether the change survives a restart already; otherwise it will as soon as the database
             *     can be written.
             */
            stored: boolean;
        };
        /** @description Everything that is known of an endpoint. */
        EndpointDetail: components["schemas"]["EndpointSummary"] & {
            /** @description Parameters of the path, from left to right. */
            parameters: components["schemas"]["ParameterView"][];
            /** @description Request bodies. */
            request: components["schemas"]["BodyView"];
            /** @description Answers by status. */
            answers: {
                [key: string]: components["schemas"]["AnswerView"];
            };
        };
        /** @description How good the model of an endpoint is. */
        EndpointFidelity: {
            /** @description Id of the endpoint. */
            id: string;
            /**
             * @description Method and path.
             * @example GET /users/{id}
             */
            endpoint: string;
            /**
             * Format: int64
             * @description Exchanges learned.
             */
            observations: number;
            /** @description `measured`, or `not enough` while too few exchanges were predicted. */
            verdict: string;
            fidelity?: components["schemas"]["FidelityScore"] | null;
        };
        /** @description An endpoint is forgotten. */
        EndpointForgotten: {
            /** @description Id of the endpoint. */
            id: string;
            /**
             * @description Nothing is known of it any more.
             * @example true
             */
            forgotten: boolean;
            /** @description Whether the database has forgotten it, too; otherwise it will as soon as it can. */
            stored: boolean;
        };
        /**
         * @description Who answers, for one endpoint.
         * @enum {string}
         */
        EndpointMode: "inherit" | "proxy" | "mock" | "failover";
        /** @description The last hour of an endpoint. Minutes without an answer are left out. */
        EndpointSeries: {
            /**
             * Format: int32
             * @description Seconds of one step.
             */
            step_s: number;
            /** @description Oldest first. */
            items: components["schemas"]["SeriesMinute"][];
            /**
             * @description How long the backend took as learned, and how long answers took since the start of the
             *     double, whoever gave them; shortest first.
             */
            latency: components["schemas"]["LatencyBucket"][];
        };
        /** @description The figures of an endpoint. */
        EndpointStats: {
            /** @description Id of the endpoint. */
            id: string;
            /**
             * Format: int64
             * @description Exchanges learned from.
             */
            observations: number;
            /**
             * Format: double
             * @description Share of 5xx answers, 0 to 1.
             */
            error_rate: number;
            /**
             * Format: double
             * @description Mean length of the runs that errors come in.
             */
            error_run_mean: number;
            /** @description Over all statuses. */
            latency_ms: components["schemas"]["LatencyStats"];
            /** @description By status. */
            statuses: {
                [key: string]: components["schemas"]["StatusStats"];
            };
        };
        /** @description An endpoint in a few figures. */
        EndpointSummary: {
            /**
             * @description Stable id, the same on every instance.
             * @example 5b2c1f0a9d3e8c7b6a54
             */
            id: string;
            /** @description Name of the route whose backend it is of; empty for the one that takes the rest. */
            route?: string;
            /**
             * @description Request method.
             * @example GET
             */
            method: string;
            /**
             * @description Learned path template.
             * @example /users/{id}
             */
            path: string;
            /** @description Who answers. */
            mode: components["schemas"]["EndpointMode"];
            /** @description Whether its traffic teaches. */
            learn: boolean;
            /**
             * Format: int64
             * @description Exchanges learned from.
             */
            observations: number;
            /** @description The backend's own time, over all statuses. */
            latency_ms: components["schemas"]["LatencyFigures"];
            /**
             * Format: double
             * @description Share of 5xx answers, 0 to 1.
             */
            error_rate: number;
            /**
             * @description Share of each status, 0 to 1.
             * @example {
             *       "200": 0.97,
             *       "404": 0.03
             *     }
             */
            statuses: {
                [key: string]: number;
            };
            /** @description Whether a live chaos rule may mean its requests, whoever sends them. */
            chaos_active: boolean;
            /**
             * Format: date-time
             * @description When it was first seen; null before the first exchange.
             */
            first_seen_at?: string | null;
            /**
             * Format: date-time
             * @description When it was last seen.
             */
            last_seen_at?: string | null;
        };
        /** @description How many exchanges there are of a kind. */
        ExchangeCount: {
            /**
             * Format: int64
             * @description All that are meant, as far as the journal remembers.
             */
            count: number;
            /** @description Of those, by who answered. */
            by_source: {
                [key: string]: number;
            };
            /** @description Of those, by status; without those that got no answer. */
            by_status: {
                [key: string]: number;
            };
        };
        /** @description An exchange. Bodies, headers and queries are not kept. */
        ExchangeShown: {
            /**
             * @description As in `X-Mock-Request-Id`.
             * @example 9f3c21aa-1f
             */
            request_id: string;
            /**
             * Format: date-time
             * @description When the request arrived.
             */
            at?: string | null;
            /**
             * @description `METHOD /template`; a guess when `endpoint_id` is null.
             * @example GET /users/{id}
             */
            endpoint: string;
            /** @description Id of the endpoint, when it was learned. */
            endpoint_id?: string | null;
            /** @description Raw path, without query; `{value}` for what may be a value, where no endpoint is learned. */
            path: string;
            /** @description `X-Mock-Session`. */
            session?: string | null;
            mode?: components["schemas"]["EffectiveMode"] | null;
            /** @description Who answered: `upstream`, `mock`, `failover`, `override`, `chaos` or `double`. */
            source: string;
            /**
             * Format: int32
             * @description Null when the connection was ended without an answer.
             */
            status?: number | null;
            /**
             * @description Why the outcome is what it is, as in `X-Mock-Reason`.
             * @example entity-unknown
             */
            reason?: string | null;
            /** @description Slug of an error of the double's own. */
            error?: string | null;
            /**
             * Format: double
             * @description From the request's arrival to the head of its answer.
             */
            duration_ms: number;
            draw?: components["schemas"]["DrawShown"] | null;
            chaos?: components["schemas"]["ChaosShown"] | null;
        };
        /** @description What was forgotten. */
        ExchangesForgotten: {
            /** Format: int64 */
            forgotten: number;
        };
        /** @description A request in full. */
        ExplainRequest: {
            /**
             * @description Method of the request.
             * @default GET
             */
            method: string | null;
            /**
             * @description Path of the request, with its query.
             * @example /users?page=2
             */
            path: string;
            /** @description Headers by name. */
            headers?: Record<string, never>;
            /** @description The body: JSON as it is, a text as its bytes. */
            body?: Record<string, never>;
            /** @description What the header `X-Mock-Enabled` would say. */
            mock?: boolean;
            /** @description What the header `X-Mock-Session` would say. */
            session?: string;
        };
        /** @description One segment of a path. */
        ExplainedSegment: {
            /** @description As it stands in the path. */
            text: string;
            /**
             * @description `literal`, or the kind of the parameter's value.
             * @example integer
             */
            kind: string;
            /** @description What speaks for it. */
            why: string;
        };
        /** @description What would happen to a request, and why. */
        Explanation: {
            /** @description Method of the request. */
            method: string;
            /** @description Raw path of the request. */
            path: string;
            /**
             * @description Template it belongs to; a guess when `endpoint_id` is null.
             * @example /users/{id}
             */
            template: string;
            /** @description Endpoint it belongs to, when one was learned. */
            endpoint_id?: string | null;
            /** @description Why the template is what it is. */
            segments: components["schemas"]["ExplainedSegment"][];
            /** @description Who answers, and what says so. */
            mode: components["schemas"]["EffectiveMode"];
            reason?: components["schemas"]["ReasonExplained"] | null;
            /** @description Ids of the chaos rules that match, in the order they act. */
            chaos: string[];
            /** @description Id of the override that would answer. */
            override?: string | null;
            /** @description Ids of all overrides that match, in the order in which they are asked. */
            overrides: string[];
            /** @description What each of them would do, and what a rule before it would have decided already. */
            chaos_rules: components["schemas"]["MatchingRule"][];
        };
        /** @description One part of the score. */
        FidelityPart: {
            /**
             * @description `status`, `shape`, `presence` or `latency`.
             * @example status
             */
            name: string;
            /**
             * Format: double
             * @description 0 to 1.
             */
            score: number;
            /**
             * Format: double
             * @description Lower end of the 95 % interval, at least 0.
             */
            low: number;
            /**
             * Format: double
             * @description Upper end of the interval, at most 1.
             */
            high: number;
            /**
             * Format: double
             * @description Exchanges that it rests on, faded ones in part.
             */
            samples: number;
        };
        /** @description How good a model is. */
        FidelityScore: {
            /**
             * Format: double
             * @description 0 to 1: how far a mock agrees with what the backend would have answered.
             */
            score: number;
            /**
             * Format: double
             * @description Lower end of the 95 % interval, at least 0.
             */
            low: number;
            /**
             * Format: double
             * @description Upper end of the interval, at most 1.
             */
            high: number;
            /**
             * Format: double
             * @description What of it moved lately: the score of the last exchanges less that of all.
             */
            trend: number;
            /**
             * Format: int64
             * @description Exchanges that were predicted and compared.
             */
            scored: number;
            /** @description The parts, the worst first. */
            parts: components["schemas"]["FidelityPart"][];
        };
        /** @description A field of the request that cannot be used. */
        FieldProblem: {
            /** @description Its name; for nested ones the path to it. */
            field: string;
            /** @description What is wrong with it. */
            problem: string;
        };
        /** @description What a flush did. */
        Flushed: {
            /**
             * @description Everything received before the request is learned, published and stored.
             * @example true
             */
            flushed: boolean;
            /**
             * @description Whether that holds for reasons, entities and lists, too: under busy traffic, of hundreds of
             *     requests a second, they follow it at their own pace.
             * @example true
             */
            reasons: boolean;
        };
        /** @description What is known of one header, for people. */
        HeaderDescription: {
            /** @description Lowercase name. */
            name: string;
            /**
             * @description How its value is made: `constant`, `vocabulary`, `echo`, `date`, `time`, `countdown`,
             *     `validator`, `pattern`, `created` (the location of what was created), `cookies`, or
             *     `unknown` while there is too little to go by.
             */
            kind: string;
            /**
             * Format: double
             * @description Share of answers that carry it, 0 to 1.
             */
            presence: number;
            /** @description The values that may be shown, most frequent first; for cookies their names. */
            values?: components["schemas"]["ShownValue"][];
            /** @description The shape of made-up values, e.g. `req-{hex}-{number}`; the request header for an echo. */
            pattern?: string | null;
        };
        /** @description A rule that hit an exchange. */
        HitShown: {
            /** @description Id of the rule. */
            rule: string;
            /**
             * Format: int64
             * @description How many requests it had counted before this one: the number of the draw.
             */
            draw: number;
        };
        /** @description What became of an import. */
        ImportReport: {
            /** @description Ids of the overrides that were made. */
            overrides: string[];
            /** @description What became of each mapping. */
            mappings: components["schemas"]["ImportedMapping"][];
        };
        /** @description What became of one mapping. */
        ImportedMapping: {
            /** @description Its name, or its method and URL. */
            mapping: string;
            /** @description Whether an override does what it did; otherwise it was left out. */
            imported: boolean;
            /** @description What of it was not carried over, and why. */
            missing: string[];
        };
        /** @description Wilson's score interval. */
        IntervalForm: {
            /** Format: double */
            low: number;
            /** Format: double */
            high: number;
            /**
             * Format: double
             * @example 0.95
             */
            confidence: number;
        };
        /** @description Latencies between the bound before and this one. */
        LatencyBucket: {
            /**
             * Format: double
             * @description Null for what is longer than all bounds.
             * @example 25
             */
            up_to_ms?: number | null;
            /**
             * Format: double
             * @description Share of the learned latencies, 0 to 1.
             */
            learned: number;
            /**
             * Format: int64
             * @description Answers that took so long.
             */
            answered: number;
        };
        /**
         * @description Latency figures for people, in milliseconds.
         *
         *     Mean and standard deviation follow the last minutes; the percentiles are those that mocked
         *     answers follow.
         */
        LatencyFigures: {
            /**
             * Format: double
             * @description Moving mean.
             */
            mean: number;
            /**
             * Format: double
             * @description Moving standard deviation.
             */
            std_dev: number;
            /**
             * Format: double
             * @description Median.
             */
            p50: number;
            /**
             * Format: double
             * @description 95th percentile.
             */
            p95: number;
            /**
             * Format: double
             * @description 99th percentile.
             */
            p99: number;
        };
        /** @description One latency, in milliseconds. */
        LatencyStats: {
            /**
             * Format: int64
             * @description Latencies learned.
             */
            observations: number;
            /**
             * Format: double
             * @description Exponential moving average over time.
             */
            mean: number;
            /**
             * Format: double
             * @description Its standard deviation.
             */
            std_dev: number;
            /**
             * @description Quantiles of what mocked answers are drawn from.
             * @example {
             *       "min": 8.1,
             *       "p50": 21.4,
             *       "p99": 180.2,
             *       "max": 240
             *     }
             */
            quantiles: {
                [key: string]: number;
            };
            /**
             * Format: date-time
             * @description Since when a new regime is drawn from, when the settled one was left.
             */
            shifted_since?: string | null;
        };
        /** @description The double serves. */
        Liveness: {
            /**
             * @description `live`.
             * @example live
             */
            status: string;
        };
        /**
         * @description Whom an override means. Every part that is given must hold: of `headers`, `query` and `body`
         *     every test, of other lists one member.
         */
        MatchForm: {
            /** @description Ids of endpoints. */
            endpoints?: string[];
            /**
             * @description Methods; `OPTIONS` only where it is named.
             * @example [
             *       "GET"
             *     ]
             */
            methods?: string[];
            /**
             * @description Patterns over raw paths: literal segments, `{id}`, `*`, `**`; or {regex}.
             * @example [
             *       "/carts/{id}"
             *     ]
             */
            paths?: Record<string, never>[];
            /** @description `X-Mock-Session` of the consumer. */
            session?: string;
            /** @description Request headers. */
            headers?: components["schemas"]["NamedTestForm"][];
            /** @description Query parameters. */
            query?: components["schemas"]["NamedTestForm"][];
            /** @description Names of routes, where the double has several backends; `default` is the one of the rest. */
            routes?: string[];
            /** @description Networks of the connection's other end, in CIDR notation. */
            peers?: string[];
            /** @description Tests of the JSON body. */
            body?: components["schemas"]["BodyTestForm"][];
            /** @description Who would answer otherwise; mocks alone unless `upstream` is named. */
            sources?: components["schemas"]["SourceForm"][];
            /** @description On which of a consumer's matching calls it acts, counted from 1: `from`, `to`, `every`. */
            calls?: components["schemas"]["CallsForm"];
            /**
             * Format: double
             * @description Share of those calls on which it acts.
             * @default 1
             */
            probability: number;
        };
        /** @description A chaos rule that matches, with what it does when it hits. */
        MatchingRule: {
            id: string;
            name: string;
            /**
             * Format: double
             * @description Share of the matching requests that are hit, before any pattern.
             */
            probability: number;
            /** @description Types of the faults that act. */
            faults: string[];
            /** @description Types of the faults that do not when a rule before hits, too: that one wins. */
            shadowed: string[];
        };
        /** @description A word about a member: exactly one of `value`, `one_of`, `format`, `absent`. */
        MemberForm: {
            /**
             * @description JSON Pointer, in which `*` is every item or member.
             * @example /items/*\/email
             */
            at: string;
            value?: Record<string, never>;
            one_of?: Record<string, never>[];
            /** @description Name of a format: `email`, `uuid`, `date-time` and others. */
            format?: string;
            absent?: boolean;
        };
        /**
         * @description Who answers, for the whole double.
         * @enum {string}
         */
        Mode: "proxy" | "mock" | "failover";
        /**
         * @description What set a mode.
         * @enum {string}
         */
        ModeSource: "header" | "endpoint" | "route" | "global";
        /** @description A test of the value under a name: exactly one of `equals`, `prefix`, `regex`, `present`. */
        NamedTestForm: {
            name: string;
            equals?: string;
            prefix?: string;
            regex?: string;
            present?: boolean;
        };
        /** @description A request that an override did not mean. */
        NearestMissForm: {
            /** Format: date-time */
            at: string;
            method: string;
            /** @description Its template, or its path without values. */
            path: string;
            /**
             * @description The conditions that it did not meet.
             * @example [
             *       "header `x-team` differs"
             *     ]
             */
            because: string[];
        };
        /** @description What is known of a negotiation, for people. */
        NegotiationFinding: {
            /**
             * @description The request header that decides.
             * @example accept
             */
            header: string;
            /**
             * @description The representations, the one that comes without a preference first.
             * @example [
             *       "application/json",
             *       "text/html"
             *     ]
             */
            variants: string[];
            /**
             * Format: int32
             * @description Requests that preferred one of them and got it.
             */
            hits: number;
            /**
             * Format: int32
             * @description Requests that preferred one of them.
             */
            trials: number;
        };
        /** @description A backend to answer some of the requests. */
        NewRoute: {
            /**
             * @description Whose requests it answers: a host (`api.shop.test`, `*.shop.test`), the beginning of a path
             *     (`/payments`), or both.
             * @example /payments
             */
            match: string;
            /**
             * @description Where the backend is; what follows the host stands in the place of the matched path.
             * @example https://pay.internal/v2
             */
            target: string;
            /** @description Who answers here; left out, as the mode of the whole double says. */
            mode?: components["schemas"]["Mode"];
            /** @description Whether the client's `Host` goes to the backend; left out, as `--preserve-host` says. */
            preserve_host?: boolean;
        };
        /** @description A template to pin. */
        NewTemplate: {
            /**
             * @description Segments in braces are parameters, the others literals: `/teams/{name}` takes every team,
             *     and `/teams/search` beside it stays literal.
             * @example /teams/{name}
             */
            path: string;
        };
        /** @description Something worth knowing. */
        Notice: {
            /**
             * @description `no-target`, `endpoints-full` or `models-coarser`.
             * @example no-target
             */
            notice: string;
            /** @description What that means, and what to do about it. */
            detail: string;
        };
        /** @description Bodies that could not be read for one reason. */
        OpaqueView: {
            /** @description Why. */
            reason: components["schemas"]["Unreadable"];
            /**
             * Format: int64
             * @description How many.
             */
            bodies: number;
        };
        /** @description What one endpoint does with a resource. */
        OperationShown: {
            /**
             * @description Method of the endpoint.
             * @example POST
             */
            method: string;
            /**
             * @description Template of the endpoint.
             * @example /notes
             */
            path: string;
            /**
             * @description `creates`, `lists`, `reads`, `replaces`, `changes`, `deletes` or `acts`.
             * @example creates
             */
            does: string;
        };
        /** @description An override as a person writes it. */
        OverrideForm: {
            /**
             * @description A label.
             * @example the cart is empty
             */
            name: string;
            /**
             * @description Whose override it is.
             * @example web-team
             */
            owner?: string;
            /** @description Why it exists. */
            reason?: string;
            /**
             * @description Whether it acts.
             * @default true
             */
            enabled: boolean;
            /**
             * Format: int64
             * @description Higher ones are asked first; of equal ones the newest.
             * @default 0
             */
            priority: number;
            /** @description Whom it means. */
            match: components["schemas"]["MatchForm"];
            /** @description What is answered. Either this or `answers`. */
            answer?: components["schemas"]["AnswerForm"];
            /** @description What each consumer gets, one after the other; afterwards calls pass. */
            answers?: components["schemas"]["AnswerForm"][];
            /**
             * @description Whether `answers` begin anew when they are through.
             * @default false
             */
            repeat: boolean;
            /**
             * Format: int64
             * @description Length of a lease, s; without one it holds until it is taken back. Not beside `expires_at`.
             */
            ttl_s?: number;
            /**
             * Format: date-time
             * @description Begin of the lease.
             */
            starts_at?: string;
            /**
             * Format: date-time
             * @description End of the lease.
             */
            expires_at?: string;
            /**
             * Format: int64
             * @description Hits after which it is exhausted.
             */
            max_hits?: number;
        };
        /** @description An override with its state and its figures. It can be edited and sent back. */
        OverrideShown: {
            /** @example the-cart-is-empty */
            id: string;
            name: string;
            owner?: string;
            reason?: string;
            enabled: boolean;
            /** Format: int64 */
            priority: number;
            match: components["schemas"]["MatchForm"];
            answers: components["schemas"]["AnswerForm"][];
            repeat?: boolean;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description Absent without a lease, as `expires_at` is.
             */
            starts_at?: string;
            /** Format: date-time */
            expires_at?: string;
            /** Format: int64 */
            max_hits?: number;
            state: components["schemas"]["StateForm"];
            /**
             * Format: int64
             * @description Requests that it meant.
             */
            matched: number;
            /**
             * Format: int64
             * @description Of those, how many it acted on.
             */
            hits: number;
            /** @description The last hits, newest first. */
            last_hits_at: string[];
            nearest_miss?: components["schemas"]["NearestMissForm"] | null;
            /** @description In answers to edits: whether the edit survives a restart already. */
            stored?: boolean;
        };
        /** @description A part of a list. */
        Page_AuditEntry: {
            /** @description The entries. */
            items: {
                /**
                 * Format: date-time
                 * @description When.
                 */
                at?: string | null;
                /** @description Who: the address the order came from. */
                actor: string;
                /**
                 * @description What was done: `create`, `replace`, `amend`, `delete`, `stop`.
                 * @example create
                 */
                action: string;
                /**
                 * @description To what.
                 * @example chaos/rules/checkout-is-flaky
                 */
                subject: string;
                /** @description The rule, override or setting `before` and `after`, as far as there was one. */
                change: Record<string, never>;
            }[];
            /**
             * Format: int64
             * @description Number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description Entries a page has at most.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries of all pages together.
             */
            total: number;
        };
        /** @description A part of a list. */
        Page_BaselineSummary: {
            /** @description The entries. */
            items: {
                /**
                 * @description Its name.
                 * @example release-7
                 */
                name: string;
                /**
                 * Format: date-time
                 * @description When it was kept.
                 */
                created_at?: string | null;
                /**
                 * Format: int64
                 * @description Exchanges that it has learned.
                 */
                observations: number;
                /** @description Bytes of its file. */
                bytes: number;
            }[];
            /**
             * Format: int64
             * @description Number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description Entries a page has at most.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries of all pages together.
             */
            total: number;
        };
        /** @description A part of a list. */
        Page_EndpointFidelity: {
            /** @description The entries. */
            items: {
                /** @description Id of the endpoint. */
                id: string;
                /**
                 * @description Method and path.
                 * @example GET /users/{id}
                 */
                endpoint: string;
                /**
                 * Format: int64
                 * @description Exchanges learned.
                 */
                observations: number;
                /** @description `measured`, or `not enough` while too few exchanges were predicted. */
                verdict: string;
                fidelity?: components["schemas"]["FidelityScore"] | null;
            }[];
            /**
             * Format: int64
             * @description Number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description Entries a page has at most.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries of all pages together.
             */
            total: number;
        };
        /** @description A part of a list. */
        Page_EndpointSummary: {
            /** @description The entries. */
            items: {
                /**
                 * @description Stable id, the same on every instance.
                 * @example 5b2c1f0a9d3e8c7b6a54
                 */
                id: string;
                /** @description Name of the route whose backend it is of; empty for the one that takes the rest. */
                route?: string;
                /**
                 * @description Request method.
                 * @example GET
                 */
                method: string;
                /**
                 * @description Learned path template.
                 * @example /users/{id}
                 */
                path: string;
                /** @description Who answers. */
                mode: components["schemas"]["EndpointMode"];
                /** @description Whether its traffic teaches. */
                learn: boolean;
                /**
                 * Format: int64
                 * @description Exchanges learned from.
                 */
                observations: number;
                /** @description The backend's own time, over all statuses. */
                latency_ms: components["schemas"]["LatencyFigures"];
                /**
                 * Format: double
                 * @description Share of 5xx answers, 0 to 1.
                 */
                error_rate: number;
                /**
                 * @description Share of each status, 0 to 1.
                 * @example {
                 *       "200": 0.97,
                 *       "404": 0.03
                 *     }
                 */
                statuses: {
                    [key: string]: number;
                };
                /** @description Whether a live chaos rule may mean its requests, whoever sends them. */
                chaos_active: boolean;
                /**
                 * Format: date-time
                 * @description When it was first seen; null before the first exchange.
                 */
                first_seen_at?: string | null;
                /**
                 * Format: date-time
                 * @description When it was last seen.
                 */
                last_seen_at?: string | null;
            }[];
            /**
             * Format: int64
             * @description Number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description Entries a page has at most.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries of all pages together.
             */
            total: number;
        };
        /** @description A part of a list. */
        Page_ExchangeShown: {
            /** @description The entries. */
            items: {
                /**
                 * @description As in `X-Mock-Request-Id`.
                 * @example 9f3c21aa-1f
                 */
                request_id: string;
                /**
                 * Format: date-time
                 * @description When the request arrived.
                 */
                at?: string | null;
                /**
                 * @description `METHOD /template`; a guess when `endpoint_id` is null.
                 * @example GET /users/{id}
                 */
                endpoint: string;
                /** @description Id of the endpoint, when it was learned. */
                endpoint_id?: string | null;
                /** @description Raw path, without query; `{value}` for what may be a value, where no endpoint is learned. */
                path: string;
                /** @description `X-Mock-Session`. */
                session?: string | null;
                mode?: components["schemas"]["EffectiveMode"] | null;
                /** @description Who answered: `upstream`, `mock`, `failover`, `override`, `chaos` or `double`. */
                source: string;
                /**
                 * Format: int32
                 * @description Null when the connection was ended without an answer.
                 */
                status?: number | null;
                /**
                 * @description Why the outcome is what it is, as in `X-Mock-Reason`.
                 * @example entity-unknown
                 */
                reason?: string | null;
                /** @description Slug of an error of the double's own. */
                error?: string | null;
                /**
                 * Format: double
                 * @description From the request's arrival to the head of its answer.
                 */
                duration_ms: number;
                draw?: components["schemas"]["DrawShown"] | null;
                chaos?: components["schemas"]["ChaosShown"] | null;
            }[];
            /**
             * Format: int64
             * @description Number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description Entries a page has at most.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries of all pages together.
             */
            total: number;
        };
        /** @description A part of a list. */
        Page_OverrideShown: {
            /** @description The entries. */
            items: {
                /** @example the-cart-is-empty */
                id: string;
                name: string;
                owner?: string;
                reason?: string;
                enabled: boolean;
                /** Format: int64 */
                priority: number;
                match: components["schemas"]["MatchForm"];
                answers: components["schemas"]["AnswerForm"][];
                repeat?: boolean;
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: date-time
                 * @description Absent without a lease, as `expires_at` is.
                 */
                starts_at?: string;
                /** Format: date-time */
                expires_at?: string;
                /** Format: int64 */
                max_hits?: number;
                state: components["schemas"]["StateForm"];
                /**
                 * Format: int64
                 * @description Requests that it meant.
                 */
                matched: number;
                /**
                 * Format: int64
                 * @description Of those, how many it acted on.
                 */
                hits: number;
                /** @description The last hits, newest first. */
                last_hits_at: string[];
                nearest_miss?: components["schemas"]["NearestMissForm"] | null;
                /** @description In answers to edits: whether the edit survives a restart already. */
                stored?: boolean;
            }[];
            /**
             * Format: int64
             * @description Number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description Entries a page has at most.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries of all pages together.
             */
            total: number;
        };
        /** @description A part of a list. */
        Page_ProfileShown: {
            /** @description The entries. */
            items: {
                /**
                 * @description Its name in the path of a start.
                 * @example slow-network
                 */
                name: string;
                /** @description What goes wrong. */
                summary: string;
                /** @description Its rules, without scope and lease: whoever starts it names these. */
                rules: Record<string, never>[];
            }[];
            /**
             * Format: int64
             * @description Number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description Entries a page has at most.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries of all pages together.
             */
            total: number;
        };
        /** @description A part of a list. */
        Page_ReasonShown: {
            /** @description The entries. */
            items: {
                /**
                 * @description Slug, as in `X-Mock-Reason`.
                 * @example entity-unknown
                 */
                reason: string;
                /**
                 * @description The same in words.
                 * @example entity unknown
                 */
                text: string;
                /**
                 * @description What it is about.
                 * @example existence
                 */
                about: string;
                /**
                 * @description `active` decides; `forced` and `forbidden` are a person's word; `candidate` was met and
                 *     explains nothing that is not explained better.
                 * @example active
                 */
                state: string;
                /**
                 * Format: int32
                 * @description The status that it leads to; null where it never held.
                 * @example 404
                 */
                status?: number | null;
                /**
                 * Format: double
                 * @description Bits by which it shortens the record of statuses, its price paid; null where it decides
                 *     nothing.
                 * @example 31.5
                 */
                gain_bits?: number | null;
                /**
                 * Format: int32
                 * @description Exchanges that agree with "where it holds, this status; elsewhere another".
                 */
                evidence_for: number;
                /**
                 * Format: int32
                 * @description Exchanges that contradict.
                 */
                evidence_against: number;
                /**
                 * @description Exchanges for which it held, by status.
                 * @example {
                 *       "404": 21
                 *     }
                 */
                held: {
                    [key: string]: number;
                };
                /**
                 * @description Exchanges looked at beside them for which it did not, by status.
                 * @example {
                 *       "200": 57
                 *     }
                 */
                missing: {
                    [key: string]: number;
                };
            }[];
            /**
             * Format: int64
             * @description Number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description Entries a page has at most.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries of all pages together.
             */
            total: number;
        };
        /** @description A part of a list. */
        Page_ResourceShown: {
            /** @description The entries. */
            items: {
                /**
                 * @description Made of the template: `*` for parameters, `.` between segments.
                 * @example notes.*
                 */
                id: string;
                /**
                 * @description Template of its items.
                 * @example /notes/{id}
                 */
                path: string;
                /**
                 * @description `learned`; `off` where a person wants no memory of it; `pinned` where it stays though
                 *     traffic no longer shows it; `corrected` where a person said where something stands.
                 * @example learned
                 */
                state: string;
                /** @description Whether mocks remember what is written. */
                stateful: boolean;
                /**
                 * @description The member that is the id; null where it is not shown.
                 * @example id
                 */
                id_member?: string | null;
                /**
                 * @description Members on the way to the entity in an answer, separated by dots; empty where the answer
                 *     is the entity.
                 * @example data
                 */
                envelope: string;
                /**
                 * @description Who chooses the id of a new one: `backend`, `request`, or `unknown` where none was made.
                 * @example backend
                 */
                ids: string;
                /** @description What endpoints do with it. */
                operations: components["schemas"]["OperationShown"][];
                /**
                 * Format: int32
                 * @description Exchanges that were looked at.
                 * @example 120
                 */
                evidence: number;
                /**
                 * Format: double
                 * @description From 0 to 1, by that evidence.
                 * @example 0.94
                 */
                confidence: number;
            }[];
            /**
             * Format: int64
             * @description Number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description Entries a page has at most.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries of all pages together.
             */
            total: number;
        };
        /** @description A part of a list. */
        Page_RouteDocument: {
            /** @description The entries. */
            items: {
                /**
                 * @description Its name; `default` takes the requests that no other route means.
                 * @example payments
                 */
                name: string;
                /**
                 * @description Whose requests it answers: a host, a path, or both; null for the rest.
                 * @example /payments
                 */
                match?: string | null;
                /**
                 * @description Where its backend is, without credentials.
                 * @example https://pay.internal/v2
                 */
                target: string;
                mode?: components["schemas"]["Mode"] | null;
                /** @description Whether the client's `Host` goes to the backend. */
                preserve_host: boolean;
                /** @description Whether the start names it (`--target`, `--route`). */
                by_start: boolean;
                /** @description False after failures in a row, until the backend answers again. */
                up: boolean;
                /** @description Endpoints learned of it. */
                endpoints: number;
                /** @description Requests that its backend has not finished answering. */
                in_flight: number;
            }[];
            /**
             * Format: int64
             * @description Number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description Entries a page has at most.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries of all pages together.
             */
            total: number;
        };
        /** @description A part of a list. */
        Page_RuleShown: {
            /** @description The entries. */
            items: {
                /** @example checkout-is-flaky */
                id: string;
                name: string;
                owner: string;
                reason: string;
                enabled: boolean;
                /** Format: int64 */
                priority: number;
                /** Format: double */
                probability: number;
                /** @description Absent when steady. */
                rate?: components["schemas"]["RateForm"];
                /** Format: int64 */
                seed?: number;
                scope: components["schemas"]["ScopeForm"];
                faults: Record<string, never>[];
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                starts_at: string;
                /** Format: date-time */
                expires_at: string;
                /** Format: int64 */
                max_hits?: number;
                state: components["schemas"]["StateForm"];
                /**
                 * Format: int64
                 * @description Requests the scope meant while the lease ran.
                 */
                matched: number;
                /**
                 * Format: int64
                 * @description Of those, how many were disturbed.
                 */
                hits: number;
                /**
                 * Format: int64
                 * @description Of those, how many a rule before had decided already.
                 */
                shadowed: number;
                /**
                 * Format: double
                 * @description Mean of the probabilities asked for; null before the first match.
                 */
                requested_rate: number | null;
                /**
                 * Format: double
                 * @description Hits by matches; null before the first match.
                 */
                achieved_rate: number | null;
                achieved_interval?: components["schemas"]["IntervalForm"] | null;
                /** @description The last hits, newest first. */
                last_hits_at: string[];
                /** @description In answers to edits: whether the edit survives a restart already. */
                stored?: boolean;
            }[];
            /**
             * Format: int64
             * @description Number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description Entries a page has at most.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries of all pages together.
             */
            total: number;
        };
        /** @description A part of a list. */
        Page_SessionSummary: {
            /** @description The entries. */
            items: {
                /**
                 * @description As in `X-Mock-Session`; `default` for those who name none. A consumer that is told apart by
                 *     something else has a name that holds a hash of it.
                 * @example ci-42
                 */
                name: string;
                /** @description Entities that it holds of its own, deleted ones included. */
                entities: number;
                /**
                 * Format: int64
                 * @description Bytes that it holds of its own, roughly.
                 */
                bytes: number;
                /**
                 * Format: int64
                 * @description Requests that it has seen.
                 */
                requests: number;
                /**
                 * Format: date-time
                 * @description When it began.
                 */
                created_at?: string | null;
                /**
                 * Format: date-time
                 * @description When it was last used.
                 */
                last_used_at?: string | null;
            }[];
            /**
             * Format: int64
             * @description Number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description Entries a page has at most.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries of all pages together.
             */
            total: number;
        };
        /** @description A part of a list. */
        Page_TemplateDocument: {
            /** @description The entries. */
            items: {
                /** @description Stable id. */
                id: string;
                /**
                 * @description TemplateDocument; it holds for every method.
                 * @example /teams/{name}
                 */
                path: string;
                /** @description Names of its parameters; none for a template that says "this stays literal". */
                parameters: string[];
                /**
                 * @description Who gave it.
                 * @example person
                 */
                source: string;
                /** @description When it was pinned. */
                created_at?: string | null;
            }[];
            /**
             * Format: int64
             * @description Number of this page, from 1.
             */
            page: number;
            /**
             * Format: int64
             * @description Entries a page has at most.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries of all pages together.
             */
            total: number;
        };
        /** @description One parameter of a path template. */
        ParameterView: {
            /**
             * @description Unique in the template.
             * @example user_id
             */
            name: string;
            /**
             * @description What stands in the braces.
             * @example id
             */
            placeholder: string;
            /** @description The segment it stands in, counted from 0. */
            segment: number;
            /**
             * @description Kinds of the values seen.
             * @example [
             *       "integer"
             *     ]
             */
            kinds: string[];
            /**
             * @description A made-up value.
             * @example 7
             */
            example: string;
        };
        /** @description How many exchanges something had. */
        PreviewCount: {
            name: string;
            /** Format: int64 */
            count: number;
        };
        /** @description A scope to be tried. */
        PreviewForm: {
            /** @description As of a rule. */
            scope: components["schemas"]["ScopeForm"];
        };
        /**
         * @description What of real values may be kept (`--privacy`), the least first. Secrets are kept at no level.
         * @enum {string}
         */
        PrivacyLevel: "strict" | "vocabulary" | "open";
        /** @description An error of the double's own (RFC 9457). */
        Problem: {
            /**
             * @description `urn:stunt-double:problem:` and the stable slug, which also stands in `X-Mock-Error`.
             * @example urn:stunt-double:problem:malformed
             */
            type: string;
            /** @description What the slug means. */
            title: string;
            /**
             * Format: int32
             * @description Status code of the answer.
             */
            status: number;
            /** @description What went wrong this time. */
            detail: string;
            /** @description Fields of the request that cannot be used. */
            errors?: components["schemas"]["FieldProblem"][] | null;
        };
        /** @description A profile as it is listed. */
        ProfileShown: {
            /**
             * @description Its name in the path of a start.
             * @example slow-network
             */
            name: string;
            /** @description What goes wrong. */
            summary: string;
            /** @description Its rules, without scope and lease: whoever starts it names these. */
            rules: Record<string, never>[];
        };
        /** @description What starts a profile: where and for how long. */
        ProfileStart: {
            /** @description Whom its rules mean. */
            scope: components["schemas"]["ScopeForm"];
            owner?: string;
            reason?: string;
            /** Format: int64 */
            priority?: number;
            /**
             * Format: int64
             * @example 900
             */
            ttl_s?: number;
            /** Format: date-time */
            starts_at?: string;
            /** Format: date-time */
            expires_at?: string;
            /** Format: int64 */
            max_hits?: number;
        };
        /** @description The rules that a start has made. */
        ProfileStarted: {
            /** @description The rules, in the order in which they act. */
            items: components["schemas"]["RuleShown"][];
            /** @description Whether they survive a restart already. */
            stored: boolean;
        };
        /** @description When a rule's probability applies. Lengths in requests count those that match the scope. */
        RateForm: {
            /**
             * @description `steady`; `bursts` {mean_on, mean_off} in requests; `first` {n}; `every` {n}; `window`
             *     {on_s, off_s}; `ramp` {from, to, over_s}.
             */
            type: components["schemas"]["RateKind"];
            /** Format: double */
            mean_on?: number;
            /** Format: double */
            mean_off?: number;
            /** Format: int64 */
            n?: number;
            /** Format: double */
            on_s?: number;
            /** Format: double */
            off_s?: number;
            /** Format: double */
            from?: number;
            /** Format: double */
            to?: number;
            /** Format: double */
            over_s?: number;
        };
        /** @enum {string} */
        RateKind: "steady" | "bursts" | "first" | "every" | "window" | "ramp";
        /** @description Whether the double is ready for work. */
        Readiness: {
            /**
             * @description `ready` or `unready`.
             * @example ready
             */
            status: string;
            /** @description Why it is not; empty when it is. */
            reasons: components["schemas"]["UnreadyReason"][];
            /** @description The backend; its failures are no reason to be unready, because mocks go on. */
            backend: components["schemas"]["BackendState"];
            /** @description The further backends, by the names of their routes. */
            routes?: {
                [key: string]: components["schemas"]["BackendState"];
            };
            /** @description What somebody who runs it should know; no reason to be unready. */
            notices: components["schemas"]["Notice"][];
        };
        /** @description A change of a reason. */
        ReasonChange: {
            /** @description What is to be done with it. */
            rule: components["schemas"]["ReasonWish"];
            /**
             * Format: int32
             * @description The status that a forced one leads to; without it the one that it led to most often.
             */
            status?: number;
        };
        /** @description A reason after a change. */
        ReasonChanged: components["schemas"]["ReasonShown"] & {
            /**
             * @description Whether the change survives a restart already; otherwise it will as soon as the database
             *     can be written.
             */
            stored: boolean;
        };
        /** @description What decides the status of a mock. */
        ReasonExplained: {
            /**
             * @description As in `X-Mock-Reason`; `chance` where no reason decides.
             * @example entity-unknown
             */
            reason: string;
            /**
             * Format: int32
             * @description The status that it decides; null where chance does.
             * @example 404
             */
            status?: number | null;
            /**
             * @description Everything that is known of the request, in words and without values.
             * @example [
             *       "credential missing",
             *       "entity unknown"
             *     ]
             */
            truths: string[];
        };
        /** @description One truth about requests of an endpoint, and what it decides. */
        ReasonShown: {
            /**
             * @description Slug, as in `X-Mock-Reason`.
             * @example entity-unknown
             */
            reason: string;
            /**
             * @description The same in words.
             * @example entity unknown
             */
            text: string;
            /**
             * @description What it is about.
             * @example existence
             */
            about: string;
            /**
             * @description `active` decides; `forced` and `forbidden` are a person's word; `candidate` was met and
             *     explains nothing that is not explained better.
             * @example active
             */
            state: string;
            /**
             * Format: int32
             * @description The status that it leads to; null where it never held.
             * @example 404
             */
            status?: number | null;
            /**
             * Format: double
             * @description Bits by which it shortens the record of statuses, its price paid; null where it decides
             *     nothing.
             * @example 31.5
             */
            gain_bits?: number | null;
            /**
             * Format: int32
             * @description Exchanges that agree with "where it holds, this status; elsewhere another".
             */
            evidence_for: number;
            /**
             * Format: int32
             * @description Exchanges that contradict.
             */
            evidence_against: number;
            /**
             * @description Exchanges for which it held, by status.
             * @example {
             *       "404": 21
             *     }
             */
            held: {
                [key: string]: number;
            };
            /**
             * @description Exchanges looked at beside them for which it did not, by status.
             * @example {
             *       "200": 57
             *     }
             */
            missing: {
                [key: string]: number;
            };
        };
        /**
         * @description What a person says of a reason.
         * @enum {string}
         */
        ReasonWish: "learned" | "forbid" | "force";
        /** @description What a reset did. */
        ResetDone: {
            /**
             * @description Nothing is known any more.
             * @example true
             */
            reset: boolean;
            /** @description Whether the database has forgotten it, too; otherwise it will as soon as it can. */
            stored: boolean;
        };
        /** @description A change of a resource; what is not named stays. */
        ResourceChange: {
            /** @description What is to be done with it. */
            state?: components["schemas"]["ResourceWish"];
            /**
             * @description The member that is the id.
             * @example id
             */
            id_member?: string;
            /**
             * @description Members on the way to the entity in an answer, separated by dots.
             * @example data
             */
            envelope?: string;
            /**
             * @description Members on the way to the rows in the answer of a list, separated by dots.
             * @example data.items
             */
            rows?: string;
        };
        /** @description A resource after a change. */
        ResourceChanged: components["schemas"]["ResourceShown"] & {
            /**
             * @description Whether the change survives a restart already; otherwise it will as soon as the database
             *     can be written.
             */
            stored: boolean;
        };
        /** @description A resource: things of one kind, and what is done with them. */
        ResourceShown: {
            /**
             * @description Made of the template: `*` for parameters, `.` between segments.
             * @example notes.*
             */
            id: string;
            /**
             * @description Template of its items.
             * @example /notes/{id}
             */
            path: string;
            /**
             * @description `learned`; `off` where a person wants no memory of it; `pinned` where it stays though
             *     traffic no longer shows it; `corrected` where a person said where something stands.
             * @example learned
             */
            state: string;
            /** @description Whether mocks remember what is written. */
            stateful: boolean;
            /**
             * @description The member that is the id; null where it is not shown.
             * @example id
             */
            id_member?: string | null;
            /**
             * @description Members on the way to the entity in an answer, separated by dots; empty where the answer
             *     is the entity.
             * @example data
             */
            envelope: string;
            /**
             * @description Who chooses the id of a new one: `backend`, `request`, or `unknown` where none was made.
             * @example backend
             */
            ids: string;
            /** @description What endpoints do with it. */
            operations: components["schemas"]["OperationShown"][];
            /**
             * Format: int32
             * @description Exchanges that were looked at.
             * @example 120
             */
            evidence: number;
            /**
             * Format: double
             * @description From 0 to 1, by that evidence.
             * @example 0.94
             */
            confidence: number;
        };
        /**
         * @description What a person wants of a resource.
         * @enum {string}
         */
        ResourceWish: "learned" | "off" | "pinned";
        /** @description A change of a backend; what is left out stays. */
        RouteChange: {
            mode?: components["schemas"]["Mode"] | null;
        };
        /** @description A backend after a change. */
        RouteChanged: components["schemas"]["RouteDocument"] & {
            /**
             * @description Whether the change survives a restart already; otherwise it will as soon as the database
             *     can be written.
             */
            stored: boolean;
        };
        /** @description A backend of this double. */
        RouteDocument: {
            /**
             * @description Its name; `default` takes the requests that no other route means.
             * @example payments
             */
            name: string;
            /**
             * @description Whose requests it answers: a host, a path, or both; null for the rest.
             * @example /payments
             */
            match?: string | null;
            /**
             * @description Where its backend is, without credentials.
             * @example https://pay.internal/v2
             */
            target: string;
            mode?: components["schemas"]["Mode"] | null;
            /** @description Whether the client's `Host` goes to the backend. */
            preserve_host: boolean;
            /** @description Whether the start names it (`--target`, `--route`). */
            by_start: boolean;
            /** @description False after failures in a row, until the backend answers again. */
            up: boolean;
            /** @description Endpoints learned of it. */
            endpoints: number;
            /** @description Requests that its backend has not finished answering. */
            in_flight: number;
        };
        /** @description A backend is taken away. */
        RouteRemoved: {
            /** @description Its name. */
            name: string;
            /**
             * @description Nothing leads to it any more, and what was learned of it is forgotten.
             * @example true
             */
            removed: boolean;
            /** @description Whether the database has forgotten it, too; otherwise it will as soon as it can. */
            stored: boolean;
        };
        /** @description A chaos rule as a person writes it. */
        RuleForm: {
            /**
             * @description A label.
             * @example checkout is flaky
             */
            name: string;
            /**
             * @description Whose rule it is.
             * @example web-team
             */
            owner?: string;
            /** @description Why it exists. */
            reason?: string;
            /**
             * @description Whether it acts.
             * @default true
             */
            enabled: boolean;
            /**
             * Format: int64
             * @description Higher ones act first; of everything but delays the first rule that asks decides.
             * @default 0
             */
            priority: number;
            /**
             * Format: double
             * @description Share of the matching requests that are hit. When a rule hits, all its faults act.
             * @default 1
             */
            probability: number;
            /** @description When the probability applies; always unless given. */
            rate?: components["schemas"]["RateForm"];
            /**
             * Format: int64
             * @description Makes the hits those of any rule with this number, instead of the id's.
             */
            seed?: number;
            /** @description Whom it means. */
            scope: components["schemas"]["ScopeForm"];
            /**
             * @description What it does: each type once. `GET chaos/faults` lists the types with their fields.
             * @example [
             *       {
             *         "type": "latency",
             *         "distribution": {
             *           "type": "fixed",
             *           "ms": 250
             *         }
             *       }
             *     ]
             */
            faults: Record<string, never>[];
            /**
             * Format: int64
             * @description Length of the lease, s; 15 minutes unless given. Not beside `expires_at`.
             * @example 900
             */
            ttl_s?: number;
            /**
             * Format: date-time
             * @description Begin of the lease; now unless given, at most 30 days ahead.
             */
            starts_at?: string;
            /**
             * Format: date-time
             * @description End of the lease. Not beside `ttl_s`.
             */
            expires_at?: string;
            /**
             * Format: int64
             * @description Hits after which the rule is exhausted.
             */
            max_hits?: number;
        };
        /** @description A chaos rule with its state and its figures. It can be edited and sent back. */
        RuleShown: {
            /** @example checkout-is-flaky */
            id: string;
            name: string;
            owner: string;
            reason: string;
            enabled: boolean;
            /** Format: int64 */
            priority: number;
            /** Format: double */
            probability: number;
            /** @description Absent when steady. */
            rate?: components["schemas"]["RateForm"];
            /** Format: int64 */
            seed?: number;
            scope: components["schemas"]["ScopeForm"];
            faults: Record<string, never>[];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            starts_at: string;
            /** Format: date-time */
            expires_at: string;
            /** Format: int64 */
            max_hits?: number;
            state: components["schemas"]["StateForm"];
            /**
             * Format: int64
             * @description Requests the scope meant while the lease ran.
             */
            matched: number;
            /**
             * Format: int64
             * @description Of those, how many were disturbed.
             */
            hits: number;
            /**
             * Format: int64
             * @description Of those, how many a rule before had decided already.
             */
            shadowed: number;
            /**
             * Format: double
             * @description Mean of the probabilities asked for; null before the first match.
             */
            requested_rate: number | null;
            /**
             * Format: double
             * @description Hits by matches; null before the first match.
             */
            achieved_rate: number | null;
            achieved_interval?: components["schemas"]["IntervalForm"] | null;
            /** @description The last hits, newest first. */
            last_hits_at: string[];
            /** @description In answers to edits: whether the edit survives a restart already. */
            stored?: boolean;
        };
        /** @description The settings in force. */
        RuntimeSettings: {
            /** @description Who answers. */
            mode: components["schemas"]["Mode"];
            /** @description Whether proxied traffic teaches. */
            learn: boolean;
            /**
             * Format: double
             * @description Factor on simulated latency; 0 answers at once.
             */
            latency_scale: number;
            /** @description What of real values may be kept, as the start said. */
            privacy: components["schemas"]["PrivacyLevel"];
        };
        /** @description A synthesised answer. */
        Sample: {
            /** @description Method of the request. */
            method: string;
            /**
             * @description Path of the request.
             * @example /users/7
             */
            path: string;
            /**
             * Format: int32
             * @description Status code.
             */
            status: number;
            /**
             * Format: double
             * @description Simulated time from the request's arrival to the last byte, unscaled.
             */
            latency_ms: number;
            /**
             * Format: double
             * @description Simulated time from the request's arrival to the first byte, unscaled.
             */
            first_byte_ms: number;
            /** @description Headers, in order; repeated ones as often as they are repeated. */
            headers: components["schemas"]["SampleHeader"][];
            /** @description How `body` stands for the bytes. */
            body_encoding: components["schemas"]["BodyEncoding"];
            /** @description The body: any JSON, or a string. */
            body: unknown;
        };
        /** @description One header line. */
        SampleHeader: {
            /** @description Lowercase name. */
            name: string;
            /** @description Value. */
            value: string;
        };
        /** @description Whom a rule means. Every part that is given must match; a list matches when one member does. */
        ScopeForm: {
            /** @description Ids of endpoints. */
            endpoints?: string[];
            /**
             * @example [
             *       "GET"
             *     ]
             */
            methods?: string[];
            /**
             * @description Patterns over raw paths: literal segments, `{id}`, `*`, `**`; or {regex}.
             * @example [
             *       "/orders/{id}",
             *       "/cart/**",
             *       {
             *         "regex": "^/v[12]/"
             *       }
             *     ]
             */
            paths?: Record<string, never>[];
            /** @description `X-Mock-Session` of the consumer. */
            session?: string;
            /** @description Request headers. */
            headers?: components["schemas"]["NamedTestForm"][];
            /** @description Query parameters. */
            query?: components["schemas"]["NamedTestForm"][];
            /** @description Names of routes, where the double has several backends; `default` is the one of the rest. */
            routes?: string[];
            /**
             * @description Networks of the connection's other end, in CIDR notation.
             * @example [
             *       "10.0.0.0/8"
             *     ]
             */
            peers?: string[];
            /** @description Who would answer. */
            sources?: components["schemas"]["SourceForm"][];
            /**
             * @description Endpoints that were seen to answer with a status of such a class.
             * @example [
             *       "4xx",
             *       "5xx"
             *     ]
             */
            learned_statuses?: string[];
            /**
             * @description Must be true for a scope without any other part.
             * @default false
             */
            everything: boolean;
        };
        /** @description One minute of answers, whoever gave them. */
        SeriesMinute: {
            /**
             * Format: date-time
             * @description When it began.
             */
            at?: string | null;
            /** Format: int32 */
            count: number;
            /** @description Of those, by class of status. */
            classes: components["schemas"]["StatusClassCounts"];
            /**
             * Format: double
             * @description Mean time from a request's arrival to the head of its answer.
             */
            mean_ms: number;
            /**
             * Format: double
             * @description The longest of them.
             */
            max_ms: number;
        };
        /** @description What a consumer wrote, in the form in which a session can be loaded. */
        SessionEntities: {
            /** @description Entities of its own, by the path of their collection. */
            entities: Record<string, never>;
            /** @description Ids of those that it deleted, by the path of their collection. */
            deleted: Record<string, never>;
        };
        /** @description What a session is to hold. */
        SessionFixture: {
            /**
             * @description Session that it begins as; without it, and without entities, it begins empty.
             * @example seeded-shop
             */
            from?: string;
            /** @description Entities by the path of their collection. */
            entities?: Record<string, never>;
            /** @description Ids of entities that are not there, by the path of their collection. */
            deleted?: Record<string, never>;
        };
        /** @description A session is reset. */
        SessionReset: {
            /** @description Its name. */
            name: string;
            /**
             * @description What it wrote is forgotten.
             * @example true
             */
            reset: boolean;
        };
        /** @description A session in a few figures. */
        SessionSummary: {
            /**
             * @description As in `X-Mock-Session`; `default` for those who name none. A consumer that is told apart by
             *     something else has a name that holds a hash of it.
             * @example ci-42
             */
            name: string;
            /** @description Entities that it holds of its own, deleted ones included. */
            entities: number;
            /**
             * Format: int64
             * @description Bytes that it holds of its own, roughly.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Requests that it has seen.
             */
            requests: number;
            /**
             * Format: date-time
             * @description When it began.
             */
            created_at?: string | null;
            /**
             * Format: date-time
             * @description When it was last used.
             */
            last_used_at?: string | null;
        };
        /** @description A change of the settings; what is left out stays. */
        SettingsChange: {
            /** @description Who answers. */
            mode?: components["schemas"]["Mode"];
            /** @description Whether proxied traffic teaches. */
            learn?: boolean;
            /**
             * Format: double
             * @description Factor on simulated latency; 0 answers at once.
             */
            latency_scale?: number;
        };
        /** @description The settings after a change. */
        SettingsChanged: components["schemas"]["RuntimeSettings"] & {
            /**
             * @description Whether the change survives a restart already; otherwise it will as soon as the database
             *     can be written.
             */
            stored: boolean;
        };
        /**
         * @description How much a difference matters to those who use the API, as oasdiff has it.
         * @enum {string}
         */
        Severity: "info" | "warning" | "breaking";
        /** @description A value that may be shown, and its share of the answers that carry the header. */
        ShownValue: {
            /** @description The literal; several lines of one header are separated by line feeds. */
            value: string;
            /**
             * Format: double
             * @description 0 to 1.
             */
            share: number;
        };
        /** @enum {string} */
        SourceForm: "mock" | "upstream";
        /** @enum {string} */
        StateForm: "active" | "scheduled" | "expired" | "exhausted" | "stopped" | "disabled";
        /** @description Answers by the class of their status; `none` had no answer at all. */
        StatusClassCounts: {
            /** Format: int32 */
            none: number;
            /** Format: int32 */
            "1xx": number;
            /** Format: int32 */
            "2xx": number;
            /** Format: int32 */
            "3xx": number;
            /** Format: int32 */
            "4xx": number;
            /** Format: int32 */
            "5xx": number;
        };
        /** @description The figures of one status. */
        StatusStats: {
            /**
             * Format: int64
             * @description Answers learned.
             */
            observations: number;
            /**
             * Format: double
             * @description Share among the endpoint's answers, 0 to 1.
             */
            share: number;
            /** @description From the request leaving to the last byte. */
            latency_ms: components["schemas"]["LatencyStats"];
            /** @description From the request leaving to the first byte. */
            first_byte_ms: components["schemas"]["LatencyStats"];
        };
        /** @description A template after it was pinned or given back. */
        TemplateChanged: components["schemas"]["TemplateDocument"] & {
            /**
             * @description Whether the change survives a restart already; otherwise it will as soon as the database
             *     can be written.
             */
            stored: boolean;
        };
        /** @description A pinned template. */
        TemplateDocument: {
            /** @description Stable id. */
            id: string;
            /**
             * @description TemplateDocument; it holds for every method.
             * @example /teams/{name}
             */
            path: string;
            /** @description Names of its parameters; none for a template that says "this stays literal". */
            parameters: string[];
            /**
             * @description Who gave it.
             * @example person
             */
            source: string;
            /** @description When it was pinned. */
            created_at?: string | null;
        };
        /** @description What pinning a template would do; nothing is pinned. */
        TemplatePreview: {
            path: string;
            parameters: string[];
            /** @description Endpoints that would be folded into its endpoint, one for each method; most seen first. */
            folds: components["schemas"]["TouchedEndpoint"][];
            /** @description Endpoints that it would take some paths from; most seen first. */
            parts: components["schemas"]["TouchedEndpoint"][];
        };
        /** @description An endpoint that a pin would touch. */
        TouchedEndpoint: {
            id: string;
            method: string;
            path: string;
            /** Format: int64 */
            observations: number;
        };
        /**
         * @description Why a body that should be JSON cannot be read as it.
         * @enum {string}
         */
        Unreadable: "too-long" | "content-coding" | "charset" | "too-deep" | "syntax";
        /** @description Why the double is not ready. */
        UnreadyReason: {
            /**
             * @description `stopping` or `database-failing`.
             * @example database-failing
             */
            reason: string;
            /** @description What that means. */
            detail: string;
            /**
             * Format: date-time
             * @description Since when.
             */
            since?: string | null;
        };
        /** @description What is to have happened. */
        VerificationForm: {
            /** @description The exchanges that are meant, by the parameters of `GET requests`. */
            match: Record<string, never>;
            /**
             * Format: int64
             * @description One of these three; at least one unless given.
             */
            exactly?: number;
            /**
             * Format: int64
             * @example 1
             */
            at_least?: number;
            /** Format: int64 */
            at_most?: number;
            /**
             * Format: int64
             * @description How long to wait for exchanges that are still to come, ms.
             * @example 2000
             */
            within_ms?: number;
        };
        /** @description It has happened so. */
        Verified: {
            /**
             * Format: int64
             * @description How often.
             */
            count: number;
        };
        /** @description What is running. */
        Version: {
            /**
             * @description `stunt-double`.
             * @example stunt-double
             */
            name: string;
            /**
             * @description Its version.
             * @example 0.1.0
             */
            version: string;
        };
        /** @description How good the models of all endpoints are. */
        WholeFidelity: {
            /**
             * Format: double
             * @description The mean over the endpoints that have a score, by their traffic; null while none has.
             */
            score?: number | null;
            /** @description Endpoints that have a score. */
            measured: number;
            /** @description Endpoints of which there is not enough. */
            not_enough: number;
            /** @description The endpoints, the worst first and those without a score last. */
            endpoints: components["schemas"]["Page_EndpointFidelity"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listAudit: {
        parameters: {
            query?: {
                /**
                 * @description Number of the page, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Entries of a page.
                 * @example 50
                 */
                per_page?: number;
                /**
                 * @description Text that the entries must contain, in any case.
                 * @example create
                 */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Changes of chaos rules, overrides and settings, newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AuditEntry"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The double is stopping, or the database does not take it now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBaselines: {
        parameters: {
            query?: {
                /**
                 * @description Number of the page, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Entries of a page.
                 * @example 50
                 */
                per_page?: number;
                /**
                 * @description Text that the entries must contain, in any case.
                 * @example release
                 */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Lists the baselines. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_BaselineSummary"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBaseline: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the baseline
                 * @example release-7
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The model file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No baseline has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    keepBaseline: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the baseline
                 * @example release-7
                 */
                name: string;
            };
            cookie?: never;
        };
        /** @description A model file; by default what is learned now */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "format": "stunt-double-model",
                 *       "version": 1,
                 *       "endpoints": []
                 *     }
                 */
                "application/octet-stream": string;
            };
        };
        responses: {
            /**
             * @description Keeps what is learned now under a name, or the model file that is the body, in the place of what
             *     had the name.
             */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaselineSummary"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description As many exist as may, and none has ended. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteBaseline: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the baseline
                 * @example release-7
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The baseline is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No baseline has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFaults: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The catalogue */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    previewChaos: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "scope": {
                 *         "session": "ci-42"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PreviewForm"];
            };
        };
        responses: {
            /** @description Tries a scope on the traffic of the last minutes; nothing is disturbed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChaosPreview"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listChaosProfiles: {
        parameters: {
            query?: {
                /**
                 * @description Number of the page, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Entries of a page.
                 * @example 50
                 */
                per_page?: number;
                /**
                 * @description Text that the entries must contain, in any case.
                 * @example network
                 */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Named sets of rules for common situations. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ProfileShown"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    startChaosProfile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the profile
                 * @example slow-network
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "scope": {
                 *         "session": "ci-42"
                 *       },
                 *       "owner": "web-team",
                 *       "ttl_s": 300
                 *     }
                 */
                "application/json": components["schemas"]["ProfileStart"];
            };
        };
        responses: {
            /** @description Starts all rules of a profile, for a scope and a while. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileStarted"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No profile has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description As many exist as may, and none has ended. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listChaosRules: {
        parameters: {
            query?: {
                /**
                 * @description Number of the page, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Entries of a page.
                 * @example 50
                 */
                per_page?: number;
                /**
                 * @description Text that the entries must contain, in any case.
                 * @example flaky
                 */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All chaos rules in the order in which they act, ended ones included. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_RuleShown"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createChaosRule: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "checkout is flaky",
                 *       "owner": "web-team",
                 *       "probability": 0.1,
                 *       "ttl_s": 900,
                 *       "scope": {
                 *         "paths": [
                 *           "/orders/**"
                 *         ],
                 *         "session": "ci-42"
                 *       },
                 *       "faults": [
                 *         {
                 *           "type": "latency",
                 *           "distribution": {
                 *             "type": "fixed",
                 *             "ms": 250
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["RuleForm"];
            };
        };
        responses: {
            /** @description Makes a chaos rule. It acts at once, unless it says otherwise, and ends with its lease. */
            201: {
                headers: {
                    /** @description The revision, for `If-Match` */
                    ETag?: string;
                    /** @description The rule */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleShown"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description As many exist as may, and none has ended. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getChaosRule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the rule
                 * @example checkout-is-flaky
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A chaos rule with its state and its figures. */
            200: {
                headers: {
                    /** @description The revision, for `If-Match` */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleShown"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No chaos rule has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replaceChaosRule: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description `ETag` of the rule, or `*`
                 * @example *
                 */
                "If-Match": string;
            };
            path: {
                /**
                 * @description Id of the rule
                 * @example checkout-is-flaky
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "checkout is flaky",
                 *       "owner": "web-team",
                 *       "probability": 0.1,
                 *       "ttl_s": 900,
                 *       "scope": {
                 *         "paths": [
                 *           "/orders/**"
                 *         ],
                 *         "session": "ci-42"
                 *       },
                 *       "faults": [
                 *         {
                 *           "type": "latency",
                 *           "distribution": {
                 *             "type": "fixed",
                 *             "ms": 250
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["RuleForm"];
            };
        };
        responses: {
            /**
             * @description Rewrites a chaos rule. What is left out takes its default; naming the end that the lease has
             *     already lets it go on, anything else begins a new one.
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleShown"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No chaos rule has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It was changed since the `ETag` in `If-Match` was given. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `If-Match` is missing. */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteChaosRule: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description `ETag` of the rule, or `*`
                 * @example *
                 */
                "If-Match": string;
            };
            path: {
                /**
                 * @description Id of the rule
                 * @example checkout-is-flaky
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rule is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No chaos rule has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It was changed since the `ETag` in `If-Match` was given. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `If-Match` is missing. */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeChaosRule: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description `ETag` of the rule, or `*`
                 * @example *
                 */
                "If-Match": string;
            };
            path: {
                /**
                 * @description Id of the rule
                 * @example checkout-is-flaky
                 */
                id: string;
            };
            cookie?: never;
        };
        /** @description Members of a rule; null takes one away */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "probability": 0.05
                 *     }
                 */
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /**
             * @description Changes parts of a chaos rule (JSON merge patch, RFC 7396). The lease goes on unless the patch
             *     names a new end.
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleShown"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No chaos rule has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It was changed since the `ETag` in `If-Match` was given. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `If-Match` is missing. */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stopChaos: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ends all chaos at once: no rule acts any more, and delays, hangs and drips in flight end. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChaosStopped"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDrift: {
        parameters: {
            query: {
                /**
                 * @description Name of a baseline.
                 * @example release-7
                 */
                against: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /**
             * @description Compares what was seen since a baseline was kept with what it knows: shapes, types, presence,
             *     statuses. Values are not compared, so that what changes from answer to answer does not alarm;
             *     a difference is reported when chance makes it in less than one case in 100,000.
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Drift"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No baseline has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listEndpoints: {
        parameters: {
            query?: {
                /**
                 * @description Number of the page, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Entries of a page.
                 * @example 50
                 */
                per_page?: number;
                /**
                 * @description Text that the entries must contain, in any case.
                 * @example users
                 */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Learned endpoints, by path and method. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_EndpointSummary"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the endpoint, or of one folded into it
                 * @example 5f2b1c0d9e8a7b6c5d4e
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Everything that is known of an endpoint. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointDetail"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No endpoint has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    forgetEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the endpoint, or of one folded into it
                 * @example 5f2b1c0d9e8a7b6c5d4e
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Forgets an endpoint; it is learned anew from what comes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointForgotten"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No endpoint has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The double is stopping, or the database does not take it now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the endpoint, or of one folded into it
                 * @example 5f2b1c0d9e8a7b6c5d4e
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "mode": "inherit",
                 *       "learn": true
                 *     }
                 */
                "application/json": components["schemas"]["EndpointChange"];
            };
        };
        responses: {
            /** @description Changes who answers for an endpoint, or whether it learns. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointChanged"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No endpoint has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The double is stopping, or the database does not take it now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setEndpointChaos: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the endpoint, or of one folded into it
                 * @example 5f2b1c0d9e8a7b6c5d4e
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "level": 10,
                 *       "active": false
                 *     }
                 */
                "application/json": components["schemas"]["ChaosLevel"];
            };
        };
        responses: {
            /**
             * @description Lets answers of an endpoint come late and fail, for a while: `level` percent of them fail, and
             *     all take ten times `level` milliseconds longer.
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChaosChanged"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No endpoint has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The double is stopping, or the database does not take it now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEndpointFidelity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the endpoint, or of one folded into it
                 * @example 5f2b1c0d9e8a7b6c5d4e
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How well the model of an endpoint predicted real exchanges before it learned them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointFidelity"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No endpoint has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listReasons: {
        parameters: {
            query?: {
                /**
                 * @description Number of the page, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Entries of a page.
                 * @example 50
                 */
                per_page?: number;
                /**
                 * @description Text that the entries must contain, in any case.
                 * @example users
                 */
                search?: string;
            };
            header?: never;
            path: {
                /**
                 * @description Id of the endpoint
                 * @example 5f2b1c0d9e8a7b6c5d4e
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /**
             * @description What decides at an endpoint, in the order in which it is looked at, with the evidence for and
             *     against; behind it what was met and decides nothing.
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ReasonShown"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No endpoint has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeReason: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the endpoint
                 * @example 5f2b1c0d9e8a7b6c5d4e
                 */
                id: string;
                /**
                 * @description Slug of the reason
                 * @example credential-missing
                 */
                reason: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "rule": "learned"
                 *     }
                 */
                "application/json": components["schemas"]["ReasonChange"];
            };
        };
        responses: {
            /**
             * @description Forbids or forces a reason, or leaves it to learning again. It acts at once, and outlives
             *     learning and restarts.
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReasonChanged"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No endpoint has this id, or it never met this reason. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description As many exist as may, and none has ended. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sampleEndpoint: {
        parameters: {
            query?: {
                /**
                 * @description A learned status; by default one is drawn.
                 * @example 200
                 */
                status?: number;
                /**
                 * @description As `X-Mock-Seed`: the sample then depends on it, the model and the path alone.
                 * @example 7
                 */
                seed?: string;
                /**
                 * @description A path of this endpoint; by default one with made-up values.
                 * @example /users/7
                 */
                path?: string;
            };
            header?: never;
            path: {
                /**
                 * @description Id of the endpoint, or of one folded into it
                 * @example 5f2b1c0d9e8a7b6c5d4e
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A synthesised answer to look at. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sample"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No endpoint has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEndpointSchema: {
        parameters: {
            query?: {
                /**
                 * @description Status of the answers; by default the one with the most JSON bodies.
                 * @example 200
                 */
                status?: number;
                /**
                 * @description Bodies of requests or of responses; by default of responses.
                 * @example response
                 */
                side?: "request" | "response";
            };
            header?: never;
            path: {
                /**
                 * @description Id of the endpoint, or of one folded into it
                 * @example 5f2b1c0d9e8a7b6c5d4e
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schema */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/schema+json": Record<string, never>;
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No endpoint has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEndpointSeries: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the endpoint
                 * @example 5f2b1c0d9e8a7b6c5d4e
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Counts, statuses and times of an endpoint's answers over the last hour. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointSeries"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No endpoint has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEndpointStats: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the endpoint, or of one folded into it
                 * @example 5f2b1c0d9e8a7b6c5d4e
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The figures of an endpoint alone: moving averages and quantiles, per status and in all. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointStats"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No endpoint has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watchEvents: {
        parameters: {
            query?: {
                /**
                 * @description Those of one endpoint, by id or as `METHOD /template`.
                 * @example GET /users/{id}
                 */
                endpoint?: string;
                /**
                 * @description Those of one method.
                 * @example GET
                 */
                method?: string;
                /**
                 * @description Those whose path or template matches: literal segments, `{id}`, `*`, `**`.
                 * @example /users/7
                 */
                path?: string;
                /**
                 * @description Those answered with this status.
                 * @example 200
                 */
                status?: number;
                /**
                 * @description Those answered by `upstream`, `mock`, `failover`, `override`, `chaos` or `double`.
                 * @example mock
                 */
                source?: string;
                /**
                 * @description Those of one consumer, by its `X-Mock-Session`.
                 * @example ci-42
                 */
                session?: string;
                /**
                 * @description Those that one chaos rule hit, by its id.
                 * @example checkout-is-flaky
                 */
                rule?: string;
                /**
                 * @description Those that one override answered, by its id.
                 * @example the-cart-is-empty
                 */
                override?: string;
                /**
                 * @description Those that arrived at this time or later.
                 * @example 2026-01-31T12:00:00Z
                 */
                since?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events until somebody hangs up */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The double is stopping, or the database does not take it now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    explainRequest: {
        parameters: {
            query: {
                /**
                 * @description Method of the request.
                 * @example GET
                 */
                method?: string;
                /**
                 * @description Path of the request; a query after `?` matters to chaos rules alone.
                 * @example /users/7
                 */
                path: string;
                /**
                 * @description What the header `X-Mock-Enabled` would say.
                 * @example true
                 */
                mock?: boolean;
                /**
                 * @description What the header `X-Mock-Session` would say.
                 * @example ci-42
                 */
                session?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Explains what would happen to a request. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    explainRequestInFull: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "method": "POST",
                 *       "path": "/users",
                 *       "headers": {
                 *         "Accept": "application/json"
                 *       },
                 *       "body": {
                 *         "name": "Ann"
                 *       },
                 *       "session": "ci-42"
                 *     }
                 */
                "application/json": components["schemas"]["ExplainRequest"];
            };
        };
        responses: {
            /** @description Explains what would happen to a request with these headers and this body. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportModel: {
        parameters: {
            query: {
                /**
                 * @description `model`, `openapi`, `har`, `json-schema`, `typescript`, `wiremock` or `k6`.
                 * @example openapi
                 */
                format: string;
                /**
                 * @description Exchanges of a HAR; by default 100.
                 * @example 100
                 */
                count?: number;
                /**
                 * @description Seed of what is made up.
                 * @example 7
                 */
                seed?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document; its media type is that of the notation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getFidelity: {
        parameters: {
            query?: {
                /**
                 * @description Number of the page, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Entries of a page.
                 * @example 50
                 */
                per_page?: number;
                /**
                 * @description Text that the entries must contain, in any case.
                 * @example users
                 */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How well the models predicted real exchanges before they learned them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WholeFidelity"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    flush: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Returns when everything received so far is learned, published and stored. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Flushed"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The double is stopping, or the database does not take it now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answers as long as the double serves at all; needs no token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Liveness"];
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether the double is ready for work; needs no token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Not ready, with reasons */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    importDocument: {
        parameters: {
            query?: {
                /**
                 * @description `model`, `openapi`, `har`, `postman`, `wiremock` or `access-log`; by default what the
                 *     document says that it is.
                 * @example wiremock
                 */
                format?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The document, also packed with gzip */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "request": {
                 *         "method": "GET",
                 *         "urlPath": "/carts/7",
                 *         "headers": {
                 *           "X-Mock-Session": {
                 *             "equalTo": "ci-42"
                 *           }
                 *         }
                 *       },
                 *       "response": {
                 *         "status": 200,
                 *         "jsonBody": {
                 *           "items": []
                 *         }
                 *       }
                 *     }
                 */
                "application/octet-stream": string;
            };
        };
        responses: {
            /**
             * @description Takes a document in: a model is merged, an OpenAPI document holds until traffic has shown
             *     otherwise, archives, collections and logs are learned like traffic, mappings become overrides.
             *     The same document is taken once.
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentReport"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The figures */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain; version=0.0.4": string;
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDescription: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listOverrides: {
        parameters: {
            query?: {
                /**
                 * @description Number of the page, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Entries of a page.
                 * @example 50
                 */
                per_page?: number;
                /**
                 * @description Text that the entries must contain, in any case.
                 * @example cart
                 */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /**
             * @description All overrides in the order in which they are asked. One that was never hit tells the request
             *     that came nearest, and what it did not meet.
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_OverrideShown"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createOverride: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "the cart is empty",
                 *       "owner": "web-team",
                 *       "ttl_s": 900,
                 *       "match": {
                 *         "methods": [
                 *           "GET"
                 *         ],
                 *         "paths": [
                 *           "/carts/{id}"
                 *         ],
                 *         "session": "ci-42"
                 *       },
                 *       "answer": {
                 *         "type": "changed",
                 *         "merge_patch": {
                 *           "items": []
                 *         }
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["OverrideForm"];
            };
        };
        responses: {
            /** @description Makes an override. It acts at once and until it is taken back, unless it says otherwise. */
            201: {
                headers: {
                    /** @description The revision, for `If-Match` */
                    ETag?: string;
                    /** @description The override */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OverrideShown"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description As many exist as may, and none has ended. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    importOverrides: {
        parameters: {
            query: {
                /**
                 * @description `wiremock`: a stub mapping, or several under `mappings`.
                 * @example wiremock
                 */
                format: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A mapping, or several under `mappings` */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "request": {
                 *         "method": "GET",
                 *         "urlPath": "/carts/7",
                 *         "headers": {
                 *           "X-Mock-Session": {
                 *             "equalTo": "ci-42"
                 *           }
                 *         }
                 *       },
                 *       "response": {
                 *         "status": 200,
                 *         "jsonBody": {
                 *           "items": []
                 *         }
                 *       }
                 *     }
                 */
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description Makes overrides of stub mappings. What can be carried over is, the report names the rest. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportReport"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description As many exist as may, and none has ended. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOverride: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the override
                 * @example the-cart-is-empty
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An override with its state and its figures. */
            200: {
                headers: {
                    /** @description The revision, for `If-Match` */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OverrideShown"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No override has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replaceOverride: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description `ETag` of the override, or `*`
                 * @example *
                 */
                "If-Match": string;
            };
            path: {
                /**
                 * @description Id of the override
                 * @example the-cart-is-empty
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "the cart is empty",
                 *       "owner": "web-team",
                 *       "ttl_s": 900,
                 *       "match": {
                 *         "methods": [
                 *           "GET"
                 *         ],
                 *         "paths": [
                 *           "/carts/{id}"
                 *         ],
                 *         "session": "ci-42"
                 *       },
                 *       "answer": {
                 *         "type": "changed",
                 *         "merge_patch": {
                 *           "items": []
                 *         }
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["OverrideForm"];
            };
        };
        responses: {
            /**
             * @description Rewrites an override. What is left out takes its default; what was counted goes on unless whom
             *     it means, what it answers or its lease is another.
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OverrideShown"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No override has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It was changed since the `ETag` in `If-Match` was given. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `If-Match` is missing. */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteOverride: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description `ETag` of the override, or `*`
                 * @example *
                 */
                "If-Match": string;
            };
            path: {
                /**
                 * @description Id of the override
                 * @example the-cart-is-empty
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The override is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No override has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It was changed since the `ETag` in `If-Match` was given. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `If-Match` is missing. */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeOverride: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description `ETag` of the override, or `*`
                 * @example *
                 */
                "If-Match": string;
            };
            path: {
                /**
                 * @description Id of the override
                 * @example the-cart-is-empty
                 */
                id: string;
            };
            cookie?: never;
        };
        /** @description Members of an override; null takes one away */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "enabled": false
                 *     }
                 */
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /**
             * @description Changes members of an override: each that is given takes the place of the one before as a whole,
             *     and null takes one away.
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OverrideShown"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No override has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It was changed since the `ETag` in `If-Match` was given. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `If-Match` is missing. */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRequests: {
        parameters: {
            query?: {
                /**
                 * @description Entries at most, newest first.
                 * @example 50
                 */
                limit?: number;
                /**
                 * @description Those of one endpoint, by id or as `METHOD /template`.
                 * @example GET /users/{id}
                 */
                endpoint?: string;
                /**
                 * @description Those of one method.
                 * @example GET
                 */
                method?: string;
                /**
                 * @description Those whose path or template matches: literal segments, `{id}`, `*`, `**`.
                 * @example /users/7
                 */
                path?: string;
                /**
                 * @description Those answered with this status.
                 * @example 200
                 */
                status?: number;
                /**
                 * @description Those answered by `upstream`, `mock`, `failover`, `override`, `chaos` or `double`.
                 * @example mock
                 */
                source?: string;
                /**
                 * @description Those of one consumer, by its `X-Mock-Session`.
                 * @example ci-42
                 */
                session?: string;
                /**
                 * @description Those that one chaos rule hit, by its id.
                 * @example checkout-is-flaky
                 */
                rule?: string;
                /**
                 * @description Those that one override answered, by its id.
                 * @example the-cart-is-empty
                 */
                override?: string;
                /**
                 * @description Those that arrived at this time or later.
                 * @example 2026-01-31T12:00:00Z
                 */
                since?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Recent exchanges, newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ExchangeShown"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    forgetRequests: {
        parameters: {
            query: {
                /**
                 * @description `X-Mock-Session` of the consumer; the journal of all others stays.
                 * @example ci-42
                 */
                session: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Forgets the exchanges of one consumer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExchangesForgotten"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    countRequests: {
        parameters: {
            query?: {
                /**
                 * @description Those of one endpoint, by id or as `METHOD /template`.
                 * @example GET /users/{id}
                 */
                endpoint?: string;
                /**
                 * @description Those of one method.
                 * @example GET
                 */
                method?: string;
                /**
                 * @description Those whose path or template matches: literal segments, `{id}`, `*`, `**`.
                 * @example /users/7
                 */
                path?: string;
                /**
                 * @description Those answered with this status.
                 * @example 200
                 */
                status?: number;
                /**
                 * @description Those answered by `upstream`, `mock`, `failover`, `override`, `chaos` or `double`.
                 * @example mock
                 */
                source?: string;
                /**
                 * @description Those of one consumer, by its `X-Mock-Session`.
                 * @example ci-42
                 */
                session?: string;
                /**
                 * @description Those that one chaos rule hit, by its id.
                 * @example checkout-is-flaky
                 */
                rule?: string;
                /**
                 * @description Those that one override answered, by its id.
                 * @example the-cart-is-empty
                 */
                override?: string;
                /**
                 * @description Those that arrived at this time or later.
                 * @example 2026-01-31T12:00:00Z
                 */
                since?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Counts recent exchanges. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExchangeCount"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verifyRequests: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "match": {
                 *         "session": "ci-42"
                 *       },
                 *       "at_least": 0
                 *     }
                 */
                "application/json": components["schemas"]["VerificationForm"];
            };
        };
        responses: {
            /**
             * @description Verifies how often exchanges happened, as far as the journal remembers. It answers as soon as
             *     that holds, and 417 when it does not: at once where more exchanges cannot help, else after
             *     `within_ms`.
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Verified"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It did not happen so often; `nearest` tells what came near. */
            417: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description `X-Mock-Request-Id` of its answer
                 * @example 0192f0c1-1
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One exchange. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExchangeShown"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The journal has no exchange with this id, or no longer. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reset: {
        parameters: {
            query: {
                /**
                 * @description Must be `true`: everything learned is lost.
                 * @example false
                 */
                confirm: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Forgets everything learned; settings and pinned templates stay. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResetDone"];
                };
            };
            /** @description `confirm=true` is missing */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The double is stopping, or the database does not take it now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listResources: {
        parameters: {
            query?: {
                /**
                 * @description Number of the page, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Entries of a page.
                 * @example 50
                 */
                per_page?: number;
                /**
                 * @description Text that the entries must contain, in any case.
                 * @example users
                 */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The resources that were found, with what endpoints do with them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ResourceShown"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeResource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the resource
                 * @example notes.*
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "state": "learned"
                 *     }
                 */
                "application/json": components["schemas"]["ResourceChange"];
            };
        };
        responses: {
            /**
             * @description Switches a resource off, pins it, says where its id and its rows stand, or leaves it to learning
             *     again. It acts at once, and outlives learning and restarts.
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceChanged"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No resource has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description As many exist as may, and none has ended. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRoutes: {
        parameters: {
            query?: {
                /**
                 * @description Number of the page, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Entries of a page.
                 * @example 50
                 */
                per_page?: number;
                /**
                 * @description Text that the entries must contain, in any case.
                 * @example users
                 */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Lists the backends, the one that takes the rest first, then in the order they are asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_RouteDocument"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRoute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the route
                 * @example slow-network
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Shows a backend. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouteDocument"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No route has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putRoute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the route
                 * @example slow-network
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "match": "/payments",
                 *       "target": "https://pay.internal/v2"
                 *     }
                 */
                "application/json": components["schemas"]["NewRoute"];
            };
        };
        responses: {
            /** @description It was there and is changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouteChanged"];
                };
            };
            /** @description It is new */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouteChanged"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The double is stopping, or the database does not take it now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeRoute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the route
                 * @example slow-network
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Takes a backend away that was added while the double runs, and forgets what was learned of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouteRemoved"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No route has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The double is stopping, or the database does not take it now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeRoute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the route
                 * @example slow-network
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "mode": null
                 *     }
                 */
                "application/json": components["schemas"]["RouteChange"];
            };
        };
        responses: {
            /** @description Changes who answers for a backend, at once. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouteChanged"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No route has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The double is stopping, or the database does not take it now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: {
                /**
                 * @description Number of the page, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Entries of a page.
                 * @example 50
                 */
                per_page?: number;
                /**
                 * @description Text that the entries must contain, in any case.
                 * @example users
                 */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sessions of all consumers, by name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_SessionSummary"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the session
                 * @example ci-42
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Shows a session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionSummary"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No session has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    loadSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the session
                 * @example ci-42
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "entities": {},
                 *       "deleted": {}
                 *     }
                 */
                "application/json": components["schemas"]["SessionFixture"];
            };
        };
        responses: {
            /** @description Loads a session: it then holds this, and nothing that it held before. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionSummary"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No session has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resetSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the session
                 * @example ci-42
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Resets a session: what it wrote is forgotten, and it begins anew with its next request. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionReset"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No session has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSessionEntities: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the session
                 * @example ci-42
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a consumer wrote. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionEntities"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No session has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The settings in force. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuntimeSettings"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "mode": "proxy",
                 *       "learn": true,
                 *       "latency_scale": 1
                 *     }
                 */
                "application/json": components["schemas"]["SettingsChange"];
            };
        };
        responses: {
            /** @description Changes settings: at once, and kept over restarts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsChanged"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTemplates: {
        parameters: {
            query?: {
                /**
                 * @description Number of the page, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Entries of a page.
                 * @example 50
                 */
                per_page?: number;
                /**
                 * @description Text that the entries must contain, in any case.
                 * @example users
                 */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Lists the pinned templates, sorted by text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TemplateDocument"];
                };
            };
            /** @description A parameter is missing, unknown, of the wrong type, or stands more than once. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pinTemplate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "path": "/teams/{name}"
                 *     }
                 */
                "application/json": components["schemas"]["NewTemplate"];
            };
        };
        responses: {
            /** @description It was pinned already */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateChanged"];
                };
            };
            /** @description It is pinned now */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateChanged"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The double is stopping, or the database does not take it now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    previewTemplate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "path": "/teams/{name}"
                 *     }
                 */
                "application/json": components["schemas"]["NewTemplate"];
            };
        };
        responses: {
            /** @description Says which endpoints a template would fold together or part; nothing is pinned. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplatePreview"];
                };
            };
            /** @description The body is no JSON, or a field is unknown or of the wrong type. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is out of range. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTemplate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the pinned template
                 * @example 5f2b1c0d9e8a7b6c5d4e
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Shows a pinned template. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateDocument"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No pinned template has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unpinTemplate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the pinned template
                 * @example 5f2b1c0d9e8a7b6c5d4e
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Gives a pinned template back to learning. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateChanged"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No pinned template has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The double is stopping, or the database does not take it now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Name and version of what is running. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Version"];
                };
            };
            /** @description A token is set, and the request does not carry it. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and the request comes from a page of another site. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token is set, and `Host` is not a name of this machine. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
