<?php
require "lib/page.php";
session_start();
$_SESSION["basket"][] = $_GET["put"];
page("in the basket: " . implode(", ", $_SESSION["basket"]));
