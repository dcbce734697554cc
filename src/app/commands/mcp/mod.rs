//! `mcp`: the admin of a running double as a server of the Model Context Protocol on stdin and
//! stdout, so that coding agents can use the double that a team shares.
//!
//! Nothing but the protocol is written to stdout; log lines go to stderr. A tool is a request to
//! the public admin API ([`tools`]) and knows nothing that its console would not: there is no
//! second way in. Tools that change something are refused until a person starts the server with
//! `--allow-changes`.

mod arguments;
mod calls;
mod tools;

use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
    ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::stdio_pipes;
use rmcp::{ErrorData, ServerHandler, ServiceExt};
use serde_json::{Map, Value};

use self::tools::{McpTool, TOOLS};
use super::Ended;
use super::admin_client::AdminPlace;
use crate::config::McpArgs;

/// What an agent is told of the double before it calls anything.
const INSTRUCTIONS: &str = "A stunt double stands in front of a backend: it proxies and learns, \
    and can play the backend's part (mock) or make it misbehave (chaos). It may be shared by a \
    team: look before you change, name an owner and a short lease in chaos rules and overrides, \
    scope them to a session where you can, and take back what you have set. Endpoints are named by \
    id or by method and template, such as `GET /users/{id}`.";

/// Answers an agent until it closes stdin.
pub fn run(args: McpArgs) -> Result<(), Ended> {
    actix::System::new().block_on(serve(args))
}

async fn serve(args: McpArgs) -> Result<(), Ended> {
    let allows = if args.allow_changes { "changes are allowed" } else { "read-only" };
    log::info!("the admin at {} as an MCP server on stdio, {allows}", args.admin);
    let admin = Arc::new(AdminPlace::new(&args.admin, args.admin_token));
    let server = McpServer { admin, allows_changes: args.allow_changes };
    let running = match server.serve(stdio_pipes()).await {
        Ok(running) => running,
        Err(error) => return Err(Ended::failed(format!("no MCP client on stdin: {error}"))),
    };
    let ended = running.waiting().await.map_err(|error| Ended::failed(error.to_string()))?;
    log::info!("the agent has left: {ended:?}");
    Ok(())
}

/// Answers of one agent's questions.
struct McpServer {
    admin: Arc<AdminPlace>,
    allows_changes: bool,
}

impl McpServer {
    /// What a tool says; an error is the agent's to read.
    async fn answer(
        &self,
        tool: &'static McpTool,
        given: Map<String, Value>,
    ) -> Result<String, String> {
        if tool.changes && !self.allows_changes {
            return Err(format!(
                "`{}` changes the double, and this server is read-only: a person allows it by \
                 starting it with `stunt-double mcp --allow-changes`",
                tool.name
            ));
        }
        let given = tool.checked(given)?;
        let admin = Arc::clone(&self.admin);
        // The client of the admin waits for its socket, and the protocol must not wait with it.
        let said = tokio::task::spawn_blocking(move || (tool.call)(&admin, &given)).await;
        said.map_err(|error| format!("the call did not end: {error}"))?
    }
}

impl ServerHandler for McpServer {
    fn get_info(&self) -> ServerConfig {
        let name = Implementation::new("stunt-double", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(name)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(TOOLS.iter().map(described).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let tool = TOOLS.iter().find(|tool| tool.name == request.name).ok_or_else(|| {
            ErrorData::invalid_params(format!("no tool is called `{}`", request.name), None)
        })?;
        let said = self.answer(tool, request.arguments.unwrap_or_default()).await;
        Ok(match said {
            Ok(text) => CallToolResult::success(vec![ContentBlock::text(text)]),
            Err(text) => CallToolResult::error(vec![ContentBlock::text(text)]),
        }
        .into())
    }
}

fn described(tool: &McpTool) -> Tool {
    let hints = ToolAnnotations::new().read_only(!tool.changes).open_world(false);
    let hints = if tool.changes { hints.destructive(tool.destroys) } else { hints };
    Tool::new(tool.name, tool.about, tool.input_schema()).with_annotations(hints)
}
