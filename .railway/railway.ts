import { defineRailway, github, image, mongo, preserve, project, service, volume } from "railway/iac";

// To be changed: where Railway finds this repository on GitHub.
const source = github("owner/order_flow", { branch: "main" });

/** Of each service. Railway's Trial and Free plans have no more than this; two survive the loss of one. */
const replicas = 1;

/** What the three services have in common; the folder is the service's. */
const deployed = (folder: string) => ({
  source,
  // Another service's change builds nothing here.
  build: {
    watchPatterns: [`/${folder}/**`, "/common/**", "/package.json", "/package-lock.json", "/tsconfig.base.json"],
  },
  healthcheck: "/ready",
  replicas,
  // A service ends within 10 s of SIGTERM; without this it would be killed at once.
  deploy: { drainingSeconds: 15 },
});

const environment = {
  NODE_ENV: "production",
  // Railway's own proxy, which says whom a request comes from.
  TRUST_PROXY: "1",
};

// biome-ignore lint/style/noDefaultExport: what the Railway CLI asks for
export default defineRailway(() => {
  // As "railway add --database mongo" and the dashboard name it: what is there already is taken over.
  const mongodb = mongo("MongoDB");

  const messages = volume("rabbitmq-data");
  const rabbitmq = service("rabbitmq", {
    source: image("rabbitmq:4-management"),
    volumeMounts: { "/var/lib/rabbitmq": messages },
    deploy: { drainingSeconds: 30 },
    env: {
      // The data folder is named after the node, and the host has another name at each deployment.
      RABBITMQ_NODENAME: "rabbit@localhost",
      RABBITMQ_DEFAULT_USER: "order_flow",
      // Taken over when the volume is empty, so it is set before the first deployment.
      RABBITMQ_DEFAULT_PASS: preserve(),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Railway fills it in
      AMQP_URL: "amqp://${{RABBITMQ_DEFAULT_USER}}:${{RABBITMQ_DEFAULT_PASS}}@${{RAILWAY_PRIVATE_DOMAIN}}:5672",
    },
  });

  const users = service("user_service", {
    ...deployed("user_service"),
    env: {
      ...environment,
      RAILWAY_DOCKERFILE_PATH: "/user_service/Dockerfile",
      PORT: "3001",
      API_KEY: preserve(),
      MONGODB_URI: mongodb.env.MONGO_URL,
    },
  });

  const orders = service("orders_service", {
    ...deployed("orders_service"),
    env: {
      ...environment,
      RAILWAY_DOCKERFILE_PATH: "/orders_service/Dockerfile",
      PORT: "3002",
      API_KEY: users.env.API_KEY,
      MONGODB_URI: mongodb.env.MONGO_URL,
      RABBITMQ_URL: rabbitmq.env.AMQP_URL,
      // For further consumers: ORDERS_EXCHANGE: "orders",
    },
  });

  const notifications = service("notifications_service", {
    ...deployed("notifications_service"),
    env: {
      ...environment,
      RAILWAY_DOCKERFILE_PATH: "/notifications_service/Dockerfile",
      PORT: "3003",
      API_KEY: users.env.API_KEY,
      MONGODB_URI: mongodb.env.MONGO_URL,
      RABBITMQ_URL: rabbitmq.env.AMQP_URL,
    },
  });

  return project("order_flow", { resources: [mongodb, messages, rabbitmq, users, orders, notifications] });
});
